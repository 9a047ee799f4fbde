import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type Dispatch,
  type SetStateAction,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { type Column, templateOf } from '@/features/orders/columns';
import { OrderRowView } from '@/features/orders/order-row';
import { useIsNarrow } from '@/shared/hooks/use-is-narrow';
import { useShortcuts } from '@/shared/hooks/use-shortcuts';
import { cn } from '@/shared/lib/cn';
import { useIsLive } from '@/shared/live/hooks';
import type { OrderRow } from '@/shared/live/transport';
import { Button } from '@/shared/ui/button';
import { Checkbox } from '@/shared/ui/checkbox';
import { ErrorState } from '@/shared/ui/states';

const ROW_PX = 38;
const NARROW_ROW_PX = 64;
/** Asked for before the end is seen. */
const AHEAD = 20;

interface OrdersTableProps {
  rows: readonly OrderRow[];
  columns: readonly Column[];
  selected: ReadonlySet<string>;
  onSelect: Dispatch<SetStateAction<ReadonlySet<string>>>;
  hasMore: boolean;
  /** Anything of the list, which reading further would break off. */
  isFetching: boolean;
  isFetchingMore: boolean;
  moreError: unknown;
  onMore: () => void;
}

export function OrdersTable(props: OrdersTableProps) {
  const { rows, columns, selected, onSelect } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow();
  const isLive = useIsLive();
  const height = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height changes
  useEffect(() => virtual.measure(), [height]);
  const items = virtual.getVirtualItems();
  useMore(props, items.at(-1)?.index ?? 0);
  // The same function at each drawing: rows that scrolling leaves as they are, are not drawn anew.
  const toggle = useCallback(
    (id: string) =>
      onSelect((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [onSelect],
  );
  const active = useActiveRow(rows, toggle, (index) => virtual.scrollToIndex(index));
  const template = templateOf(columns);
  return (
    <div
      ref={scroller}
      data-orders-scroller
      data-stale={isLive ? undefined : true}
      // Opaque, it is a layer that scrolling only moves; else each step paints all of it anew.
      className={cn('min-h-0 flex-1 overflow-auto bg-background', !isLive && 'stale')}
    >
      <div
        role="table"
        aria-label="Orders"
        aria-rowcount={props.hasMore ? -1 : rows.length + 1}
        className="md:min-w-max"
      >
        <HeaderRow
          columns={columns}
          template={template}
          rows={rows}
          selected={selected}
          onSelect={onSelect}
        />
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return row ? (
              <OrderRowView
                key={row.id}
                row={row}
                index={item.index}
                columns={columns}
                template={template}
                isNarrow={isNarrow}
                isSelected={selected.has(row.id)}
                isActive={active === item.index}
                onToggle={toggle}
                top={item.start}
                height={height}
              />
            ) : null;
          })}
        </div>
      </div>
      <End {...props} />
    </div>
  );
}

function HeaderRow(
  props: Pick<OrdersTableProps, 'columns' | 'rows' | 'selected' | 'onSelect'> & {
    template: string;
  },
) {
  const isAll = props.rows.length > 0 && props.rows.every((row) => props.selected.has(row.id));
  return (
    <div role="rowgroup" className="sticky top-0 z-[5] border-b bg-background max-md:hidden">
      <div
        role="row"
        className="grid h-9 items-center gap-x-4 px-6 font-medium text-muted-foreground text-xs"
        style={{ gridTemplateColumns: props.template }}
      >
        <div role="columnheader" className="flex">
          <Checkbox
            aria-label="Select all that are loaded"
            checked={isAll}
            onChange={() =>
              props.onSelect(isAll ? new Set() : new Set(props.rows.map((r) => r.id)))
            }
          />
        </div>
        {props.columns.map((column) => (
          <div
            key={column.id}
            role="columnheader"
            className={cn('truncate', column.id === 'total' && 'text-right')}
          >
            {column.label}
          </div>
        ))}
      </div>
    </div>
  );
}

function End({ hasMore, isFetchingMore, moreError, onMore, rows }: OrdersTableProps) {
  if (moreError) return <ErrorState error={moreError} onRetry={onMore} className="py-6" />;
  return (
    <p className="px-6 py-4 text-center text-muted-foreground text-xs">
      {isFetchingMore ? 'Reading more…' : null}
      {!hasMore ? `That is all: ${rows.length} ${rows.length === 1 ? 'order' : 'orders'}.` : null}
      {hasMore && !isFetchingMore ? (
        <Button variant="ghost" size="sm" onClick={onMore}>
          Read more
        </Button>
      ) : null}
    </p>
  );
}

function useMore({ rows, hasMore, isFetching, moreError, onMore }: OrdersTableProps, last: number) {
  const isNear = hasMore && !isFetching && !moreError && last >= rows.length - AHEAD;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per end of the list
  useEffect(() => {
    if (isNear) onMore();
  }, [isNear]);
}

/** The row that the keyboard is at. */
function useActiveRow(
  rows: readonly OrderRow[],
  toggle: (id: string) => void,
  scrollTo: (index: number) => void,
): number | undefined {
  const [active, setActive] = useState<number>();
  const navigate = useNavigate();
  const move = (by: number) => {
    const focused = document.activeElement?.closest('[data-row-index]');
    const from = focused ? Number(focused.getAttribute('data-row-index')) : active;
    const to = from === undefined ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1);
    setActive(to);
    scrollTo(to);
  };
  const current = () => {
    const focused = document.activeElement?.closest('[data-row-index]');
    return rows[focused ? Number(focused.getAttribute('data-row-index')) : (active ?? -1)];
  };
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const row = current();
      if (row) toggle(row.id);
    },
    o: () => {
      const row = current();
      if (row) void navigate({ to: '/orders/$orderId', params: { orderId: row.id } });
    },
  });
  useEffect(() => {
    if (active === undefined) return;
    const frame = requestAnimationFrame(() => {
      document
        .querySelector<HTMLElement>(`[data-row-index="${active}"] a[href]`)
        ?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [active]);
  return active;
}
