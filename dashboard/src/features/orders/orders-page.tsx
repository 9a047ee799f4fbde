import { getRouteApi } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { hasFilter, type ListFilter } from '@/features/orders/api/list-orders';
import { columnsOf } from '@/features/orders/columns';
import { FilterChips } from '@/features/orders/filter-chips';
import { FreshPill } from '@/features/orders/fresh-pill';
import { OrdersBody } from '@/features/orders/orders-body';
import { OrdersToolbar } from '@/features/orders/orders-toolbar';
import type { OrdersSearch } from '@/features/orders/search';
import { SelectionBar } from '@/features/orders/selection-bar';
import { useOrders } from '@/features/orders/use-orders';
import { ViewTabs } from '@/features/orders/view-tabs';
import { parseOrderQuery } from '@/shared/domain/order-query';
import { useTitle } from '@/shared/hooks/use-title';
import { Button } from '@/shared/ui/button';
import { EmptyState } from '@/shared/ui/states';

const route = getRouteApi('/orders');

export function OrdersPage() {
  useTitle('Orders');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const parsed = useMemo(() => parseOrderQuery(search.q ?? ''), [search.q]);
  const filter = useMemo(
    (): ListFilter => ({
      query: parsed.ok ? parsed.query : EMPTY,
      fingerprint: search.fingerprint,
    }),
    [parsed, search.fingerprint],
  );
  const orders = useOrders(filter);
  const columns = useMemo(() => columnsOf(search.columns), [search.columns]);
  const change = (changes: Partial<OrdersSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...changes }) });
  const refresh = () => {
    document.querySelector('[data-orders-scroller]')?.scrollTo({ top: 0 });
    void orders.list.refetch();
  };
  const clear = () => change({ q: undefined, fingerprint: undefined });
  return (
    <div className="flex h-full flex-col">
      <h1 className="sr-only">Orders</h1>
      <div className="flex flex-col gap-2 border-b px-3 pt-3 pb-2 md:px-6">
        <div className="flex items-center gap-2">
          <ViewTabs search={search} onChange={change} />
          {parsed.ok ? (
            <FreshPill
              key={orders.key}
              filter={filter}
              rows={orders.rows}
              hasMore={orders.list.hasNextPage}
              onShow={refresh}
            />
          ) : null}
        </div>
        <OrdersToolbar
          search={search}
          mistake={parsed.ok ? undefined : parsed.because}
          columns={columns}
          onChange={change}
        />
        <FilterChips search={search} onChange={change} />
      </div>
      {parsed.ok ? (
        <OrdersBody
          orders={orders}
          filter={filter}
          columns={columns}
          isFiltered={hasFilter(filter)}
          selected={selected}
          onSelect={setSelected}
          onClear={clear}
        />
      ) : (
        <EmptyState icon={<SearchX />} title="The query cannot be read">
          <p>The mistake is named below the query.</p>
          <Button variant="outline" onClick={clear}>
            Clear the filter
          </Button>
        </EmptyState>
      )}
      {selected.size > 0 ? (
        <SelectionBar selected={selected} onClear={() => setSelected(new Set())} />
      ) : null}
    </div>
  );
}

const EMPTY = {
  statuses: [],
  created: {},
  updated: {},
  notSteps: [],
  notCustomers: [],
  notReferences: [],
};
