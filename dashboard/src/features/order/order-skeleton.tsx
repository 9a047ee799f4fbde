import { Skeleton } from '@/shared/ui/skeleton';

/** As high as each panel beside the story mostly is. */
const PANELS = ['h-44', 'h-20', 'h-24', 'h-44', 'h-60', 'h-44'];

export function OrderSkeleton() {
  return (
    <div role="status" aria-label="Loading the order" className="flex flex-col gap-4 p-4 md:p-6">
      <div className="flex flex-col gap-3">
        <Skeleton className="h-5 w-16" />
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
          <div className="flex flex-col gap-2">
            <Skeleton className="h-6 w-56" />
            <Skeleton className="h-5 w-72" />
            <Skeleton className="h-5 w-80 max-w-full" />
          </div>
          <Skeleton className="h-8 w-64" />
        </div>
      </div>
      <Skeleton className="h-14 w-full rounded-lg max-xl:h-28 max-sm:h-84" />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex flex-col gap-4">
          <Skeleton className="h-44 rounded-lg" />
          <Skeleton className="h-96 rounded-lg" />
        </div>
        <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-1">
          {PANELS.map((height, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they have no other name
            <Skeleton key={index} className={`${height} rounded-lg`} />
          ))}
        </div>
      </div>
    </div>
  );
}
