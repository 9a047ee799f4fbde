import { Skeleton } from '@/shared/ui/skeleton';

const cardClass = 'rounded-lg';

export function OverviewSkeleton() {
  return (
    <div role="status" aria-label="Loading the overview" className="flex flex-col gap-4 p-4 md:p-6">
      <div className="flex h-7 items-center justify-between">
        <Skeleton className="h-6 w-28" />
        <Skeleton className="h-7 w-36" />
      </div>
      <div className="flex flex-col gap-2">
        <div className="grid gap-2 md:grid-cols-2 lg:h-56 lg:grid-cols-[minmax(7.5rem,0.6fr)_repeat(3,minmax(0,1.4fr))_minmax(7.5rem,0.6fr)]">
          <Skeleton className={`${cardClass} max-lg:h-28`} />
          <Skeleton className={`${cardClass} max-lg:h-52`} />
          <Skeleton className={`${cardClass} max-lg:h-52`} />
          <Skeleton className={`${cardClass} max-lg:h-52`} />
          <Skeleton className={`${cardClass} max-lg:h-28`} />
        </div>
        <div className="grid gap-2 sm:grid-cols-2">
          <Skeleton className={`${cardClass} h-9`} />
          <Skeleton className={`${cardClass} h-9`} />
        </div>
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex flex-col gap-4">
          <Skeleton className={`${cardClass} h-63`} />
          <Skeleton className={`${cardClass} h-63`} />
        </div>
        <div className="flex flex-col gap-4">
          <Skeleton className={`${cardClass} h-36`} />
          <Skeleton className={`${cardClass} h-20`} />
          <Skeleton className={`${cardClass} h-72`} />
        </div>
      </div>
    </div>
  );
}
