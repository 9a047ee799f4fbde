import type { Schemas } from '@/shared/api/client';
import { addMinor } from '@/shared/lib/money';
import { Money } from '@/shared/ui/money';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';

export interface Candidate {
  order: Schemas['Order'];
  allowed: boolean;
  because: string | undefined;
}

interface BulkPreviewProps {
  candidates: readonly Candidate[] | undefined;
  error: unknown;
  onRetry: () => void;
}

export function BulkPreview({ candidates, error, onRetry }: BulkPreviewProps) {
  if (error) return <ErrorState error={error} onRetry={onRetry} className="py-4" />;
  if (!candidates) {
    return (
      <div role="status" aria-label="Looking at each order" className="flex flex-col gap-2">
        <Skeleton className="h-5 w-64" />
        <Skeleton className="h-5 w-40" />
      </div>
    );
  }
  const allowed = candidates.filter((c) => c.allowed);
  const reasons = count(
    candidates.filter((c) => !c.allowed).map((c) => c.because ?? 'it is not possible now'),
  );
  return (
    <div className="flex flex-col gap-3 text-sm">
      <p>
        <strong className="tabular-nums">{allowed.length}</strong> of {candidates.length} can be
        done{allowed.length > 0 ? ':' : '.'}
      </p>
      <ul className="flex flex-wrap gap-x-6 gap-y-1">
        {totals(allowed.map((c) => c.order)).map(({ currency, exponent, minor, orders }) => (
          <li key={currency}>
            {minor === undefined ? (
              currency
            ) : (
              <Money
                currency={currency}
                exponent={exponent}
                minor={minor}
                className="font-medium"
              />
            )}{' '}
            <span className="text-muted-foreground">
              in {orders} {orders === 1 ? 'order' : 'orders'}
            </span>
          </li>
        ))}
      </ul>
      {reasons.length > 0 ? (
        <ul className="flex flex-col gap-1 text-muted-foreground">
          {reasons.map(([because, times]) => (
            <li key={because}>
              <span className="tabular-nums">{times}</span>{' '}
              {times === 1 ? 'stays as it is' : 'stay as they are'}: {because}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function count(texts: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}

function totals(orders: readonly Schemas['Order'][]) {
  const byCurrency = Map.groupBy(orders, (order) => order.currency);
  return [...byCurrency].map(([currency, some]) => ({
    currency,
    exponent: some[0]?.currency_exponent ?? 2,
    minor: addMinor(some.map((order) => order.total)),
    orders: some.length,
  }));
}
