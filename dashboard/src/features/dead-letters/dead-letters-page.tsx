import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Inbox } from 'lucide-react';
import { useState } from 'react';
import { GroupCard } from '@/features/dead-letters/group-card';
import { type Bulk, BulkDialog } from '@/shared/actions/bulk-dialog';
import { readGroups } from '@/shared/api/read-groups';
import { useTitle } from '@/shared/hooks/use-title';
import { cn } from '@/shared/lib/cn';
import { useIsLive } from '@/shared/live/hooks';
import { Button } from '@/shared/ui/button';
import { Skeleton } from '@/shared/ui/skeleton';
import { EmptyState, ErrorState } from '@/shared/ui/states';

const route = getRouteApi('/dead-letters');

export function DeadLettersPage() {
  useTitle('Dead letters');
  const { group } = route.useSearch();
  const navigate = route.useNavigate();
  const groups = useQuery(readGroups);
  const queryClient = useQueryClient();
  // Of the page: a group that is empty once all of it is retried takes its card along.
  const [bulk, setBulk] = useState<Bulk>();
  const isLive = useIsLive();
  const isOld = !isLive || groups.isRefetchError;
  const all = groups.data?.data;
  const count = all?.reduce((sum, one) => sum + one.count, 0);
  return (
    <div
      data-stale={isOld ? true : undefined}
      className={cn('flex flex-col gap-4 p-4 md:p-6', isOld && 'stale')}
    >
      <div className="flex flex-wrap items-baseline gap-3">
        <h1 className="font-semibold text-xl tracking-tight">Dead letters</h1>
        {count !== undefined && count > 0 ? (
          <p className="text-muted-foreground text-sm tabular-nums">
            {count.toLocaleString('en-GB')} {count === 1 ? 'order' : 'orders'} in {all?.length}{' '}
            {all?.length === 1 ? 'group' : 'groups'}
          </p>
        ) : null}
      </div>
      {groups.isPending ? <GroupsSkeleton /> : null}
      {groups.isError && !all ? (
        <ErrorState error={groups.error} onRetry={() => void groups.refetch()} />
      ) : null}
      {all?.length === 0 ? (
        <EmptyState icon={<Inbox />} title="No dead letters">
          <p>
            An order comes here when its automatic retries are exhausted, or when an answer cannot
            be understood. Nothing of it is undone until a person decides, or its time is over.
          </p>
          <Button asChild variant="outline">
            <Link to="/orders" search={{ q: RETRYING }}>
              What is being retried now
            </Link>
          </Button>
        </EmptyState>
      ) : null}
      {group !== undefined && all && !all.some((one) => one.fingerprint === group) ? (
        <p role="status" className="rounded-md bg-good-soft px-3 py-2 text-good text-sm">
          No order has the failure <code className="font-mono text-xs">{group}</code> any more.
        </p>
      ) : null}
      <ul className="flex flex-col gap-3">
        {all?.map((one) => (
          <li key={one.fingerprint}>
            <GroupCard
              group={one}
              isOpen={one.fingerprint === group}
              onOpen={(isOpen) =>
                void navigate({
                  search: { group: isOpen ? one.fingerprint : undefined },
                  resetScroll: false,
                })
              }
              onBulk={setBulk}
            />
          </li>
        ))}
      </ul>
      {groups.data?.is_complete === false ? (
        <p className="text-muted-foreground text-sm">There are more than were looked at.</p>
      ) : null}
      {bulk ? (
        <BulkDialog
          {...bulk}
          onClose={() => {
            setBulk(undefined);
            void queryClient.invalidateQueries({ queryKey: ['dead-letters'] });
          }}
        />
      ) : null}
    </div>
  );
}

const RETRYING = 'status:pending,processing,shipped failing:true';

function GroupsSkeleton() {
  return (
    <div role="status" aria-label="Loading dead letters" className="flex flex-col gap-3">
      <Skeleton className="h-37 w-full rounded-lg max-sm:h-76" />
      <Skeleton className="h-37 w-full rounded-lg max-sm:h-76" />
    </div>
  );
}
