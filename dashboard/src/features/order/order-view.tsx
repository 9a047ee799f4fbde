import { useMemo } from 'react';
import { AttemptsTable } from '@/features/order/attempts-table';
import { DiagnosisCard } from '@/features/order/diagnosis-card';
import { OrderHeader } from '@/features/order/order-header';
import { KeysPanel } from '@/features/order/panels/keys-panel';
import { LinesPanel } from '@/features/order/panels/lines-panel';
import { MoneyPanel } from '@/features/order/panels/money-panel';
import { ShipmentPanel } from '@/features/order/panels/shipment-panel';
import { StockPanel } from '@/features/order/panels/stock-panel';
import { TracePanel } from '@/features/order/panels/trace-panel';
import { PastBanner } from '@/features/order/past-banner';
import type { OrderSearch, OrderTab } from '@/features/order/search';
import { Stepper } from '@/features/order/stepper';
import { stepStates } from '@/features/order/timeline/step-states';
import { Timeline } from '@/features/order/timeline/timeline';
import type { useOrder } from '@/features/order/use-order';
import type { Schemas } from '@/shared/api/client';
import { useShortcuts } from '@/shared/hooks/use-shortcuts';
import { cn } from '@/shared/lib/cn';
import { useIsLive } from '@/shared/live/hooks';
import { Card } from '@/shared/ui/card';
import { ErrorBoundary } from '@/shared/ui/error-boundary';
import { JsonView } from '@/shared/ui/json-view';
import { Segmented } from '@/shared/ui/segmented';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';

const TABS = [
  { value: 'timeline', label: 'Timeline' },
  { value: 'attempts', label: 'Attempts' },
  { value: 'json', label: 'JSON' },
] as const;

interface OrderViewProps {
  now: Schemas['Order'];
  /** The order as it is, or as it was. */
  shown: Schemas['Order'];
  reads: ReturnType<typeof useOrder>;
  search: OrderSearch;
  onChange: (changes: Partial<OrderSearch>) => void;
}

export function OrderView({ now, shown, reads, search, onChange }: OrderViewProps) {
  const isPast = search.version !== undefined;
  const isLive = useIsLive();
  const diagnosis = isPast ? undefined : reads.diagnosis.data;
  const allEvents = reads.events.data?.data;
  const events = useMemo(
    () => (allEvents ?? []).filter((event) => event.version <= shown.version),
    [allEvents, shown.version],
  );
  const attempts = (reads.attempts.data?.data ?? []).filter(
    (attempt) => !isPast || (attempt.version ?? Number.POSITIVE_INFINITY) <= shown.version,
  );
  const steps = useMemo(() => stepStates(shown, events), [shown, events]);
  useShortcuts({ e: () => onChange({ tab: undefined, mode: 'events' }) });
  return (
    <div
      data-order-id={now.id}
      data-version={shown.version}
      data-stale={isLive ? undefined : true}
      className={cn('flex flex-col gap-4 p-4 md:p-6', !isLive && 'stale')}
    >
      {isPast ? (
        <PastBanner
          version={shown.version}
          last={now.version}
          onChange={(version) => onChange({ version })}
        />
      ) : null}
      <OrderHeader order={shown} diagnosis={diagnosis} isPast={isPast} onDone={reads.readAnew} />
      <Stepper steps={steps} />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          {diagnosis ? (
            <ErrorBoundary>
              <DiagnosisCard diagnosis={diagnosis} />
            </ErrorBoundary>
          ) : null}
          <Story
            order={shown}
            reads={reads}
            search={search}
            onChange={onChange}
            story={{ steps, events, attempts }}
          />
        </div>
        <aside
          aria-label="About the order"
          className="grid min-w-0 items-start gap-4 md:grid-cols-2 xl:grid-cols-1"
        >
          <MoneyPanel order={shown} />
          <LinesPanel order={shown} />
          <StockPanel orderId={now.id} isPast={isPast} />
          <ShipmentPanel order={shown} />
          <KeysPanel attempts={attempts} />
          <TracePanel order={shown} events={events} />
        </aside>
      </div>
    </div>
  );
}

interface StoryProps extends Omit<OrderViewProps, 'now' | 'shown'> {
  order: Schemas['Order'];
  story: Pick<Parameters<typeof Timeline>[0], 'steps' | 'events' | 'attempts'>;
}

function Story({ order, reads, search, onChange, story }: StoryProps) {
  const tab: OrderTab = search.tab ?? 'timeline';
  const error = reads.events.error ?? reads.attempts.error;
  const isLoading = !reads.events.data || !reads.attempts.data;
  return (
    <Card aria-label="Story">
      <div className="flex items-center border-b px-4 py-2">
        <Segmented
          label="What is shown"
          value={tab}
          options={TABS}
          onChange={(value) => onChange({ tab: value === 'timeline' ? undefined : value })}
        />
      </div>
      <div className="p-4">
        <ErrorBoundary resetKey={tab}>
          {tab === 'json' ? <JsonView value={order} label="The order" /> : null}
          {tab !== 'json' && isLoading && error ? (
            <ErrorState error={error} onRetry={reads.readAnew} />
          ) : null}
          {tab !== 'json' && isLoading && !error ? <Skeleton className="h-48 w-full" /> : null}
          {tab === 'timeline' && !isLoading ? (
            <Timeline orderId={order.id} search={search} onChange={onChange} {...story} />
          ) : null}
          {tab === 'attempts' && !isLoading ? <AttemptsTable attempts={story.attempts} /> : null}
        </ErrorBoundary>
      </div>
    </Card>
  );
}
