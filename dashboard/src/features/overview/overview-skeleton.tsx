import { Skeleton } from '@/shared/ui/skeleton';

export function OverviewSkeleton() {
  return (
    <div role="status" aria-label="Loading the overview" className="flex flex-col gap-4 p-4 md:p-6">
      <Skeleton className="h-7 w-32" />
      <Skeleton className="h-44 w-full" />
      <div className="grid gap-4 xl:grid-cols-[1fr_24rem]">
        <Skeleton className="h-72" />
        <Skeleton className="h-72" />
      </div>
    </div>
  );
}
