import { getRouteApi, Link } from '@tanstack/react-router';
import { SearchX } from 'lucide-react';
import { OrderSkeleton } from '@/features/order/order-skeleton';
import { OrderView } from '@/features/order/order-view';
import type { OrderSearch } from '@/features/order/search';
import { useOrder } from '@/features/order/use-order';
import { isApiError } from '@/shared/api/problem';
import { useTitle } from '@/shared/hooks/use-title';
import { Button } from '@/shared/ui/button';
import { EmptyState, ErrorState } from '@/shared/ui/states';

const route = getRouteApi('/orders/$orderId');

export function OrderPage() {
  const { orderId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const reads = useOrder(orderId, search.version);
  useTitle(reads.now.data?.reference ?? 'Order');
  const change = (changes: Partial<OrderSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), resetScroll: false });
  const { now, then } = reads;
  if (now.isPending) return <OrderSkeleton />;
  if (!now.data) {
    if (isApiError(now.error) && now.error.status === 404) return <NoOrder id={orderId} />;
    return <ErrorState error={now.error} onRetry={() => void now.refetch()} />;
  }
  if (search.version !== undefined && !then.data) {
    if (then.isPending) return <OrderSkeleton />;
    if (isApiError(then.error) && then.error.status === 404) {
      return (
        <NoVersion
          version={search.version}
          last={now.data.version}
          onBack={() => change({ version: undefined })}
        />
      );
    }
    return <ErrorState error={then.error} onRetry={() => void then.refetch()} />;
  }
  return (
    <OrderView
      key={orderId} // a dialog asks about the order that it was opened for
      now={now.data}
      shown={search.version === undefined ? now.data : (then.data ?? now.data)}
      reads={reads}
      search={search}
      onChange={change}
    />
  );
}

interface NoVersionProps {
  version: number;
  last: number;
  onBack: () => void;
}

function NoVersion({ version, last, onBack }: NoVersionProps) {
  return (
    <EmptyState icon={<SearchX />} title={`The order has had no event ${version} yet`}>
      <p>The last one is {last}.</p>
      <Button variant="outline" onClick={onBack}>
        The order as it is now
      </Button>
    </EmptyState>
  );
}

function NoOrder({ id }: { id: string }) {
  return (
    <EmptyState icon={<SearchX />} title="There is no order with this id">
      <code className="break-all font-mono text-xs">{id}</code>
      <Button asChild variant="outline">
        <Link to="/orders">All orders</Link>
      </Button>
    </EmptyState>
  );
}
