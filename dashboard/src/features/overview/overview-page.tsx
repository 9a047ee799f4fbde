import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { readAnyOrder } from '@/features/overview/api/attention';
import { AttentionList } from '@/features/overview/attention-list';
import { EmptyOverview } from '@/features/overview/empty-overview';
import { EventTicker } from '@/features/overview/event-ticker';
import { OpenMoney } from '@/features/overview/open-money';
import { OverviewSkeleton } from '@/features/overview/overview-skeleton';
import { PipelineStrip } from '@/features/overview/pipeline-strip';
import { WINDOW_SECONDS } from '@/features/overview/search';
import { usePipeline } from '@/features/overview/use-pipeline';
import { useTitle } from '@/shared/hooks/use-title';
import { cn } from '@/shared/lib/cn';
import { useIsLive } from '@/shared/live/hooks';
import { ErrorBoundary } from '@/shared/ui/error-boundary';
import { Segmented } from '@/shared/ui/segmented';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';

const PipelineCharts = lazy(() => import('@/features/overview/charts/pipeline-charts'));

const WINDOWS = [
  { value: '1m', label: '1 min' },
  { value: '5m', label: '5 min' },
  { value: '15m', label: '15 min' },
] as const;

const route = getRouteApi('/');

export function OverviewPage() {
  useTitle('Overview');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const chosen = search.window ?? '5m';
  const isLive = useIsLive();
  const pipeline = usePipeline(WINDOW_SECONDS[chosen]);
  const any = useQuery(readAnyOrder);
  if (pipeline.isPending) return <OverviewSkeleton />;
  if (!pipeline.data) {
    return <ErrorState error={pipeline.error} onRetry={() => void pipeline.refetch()} />;
  }
  const isOld = !isLive || pipeline.isRefetchError;
  return (
    <div
      data-stale={isOld ? true : undefined}
      className={cn('flex flex-col gap-4 p-4 md:p-6', isOld && 'stale')}
    >
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="flex-1 font-semibold text-xl tracking-tight">Overview</h1>
        <Segmented
          label="Time that is shown"
          value={chosen}
          options={WINDOWS}
          onChange={(window) =>
            void navigate({ search: { window: window === '5m' ? undefined : window } })
          }
        />
      </div>
      {any.data?.data.length === 0 ? <EmptyOverview /> : null}
      <ErrorBoundary>
        <PipelineStrip pipeline={pipeline.data} />
      </ErrorBoundary>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <ErrorBoundary>
            <Suspense fallback={<Skeleton className="h-72 w-full rounded-lg" />}>
              <PipelineCharts pipeline={pipeline.data} />
            </Suspense>
          </ErrorBoundary>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <ErrorBoundary>
            <AttentionList participants={pipeline.data.participants} />
          </ErrorBoundary>
          <ErrorBoundary>
            <OpenMoney money={pipeline.data.open_money} />
          </ErrorBoundary>
          <ErrorBoundary>
            <EventTicker />
          </ErrorBoundary>
        </div>
      </div>
    </div>
  );
}
