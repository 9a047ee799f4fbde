import { Skeleton } from '@/shared/ui/skeleton';

export function OrderSkeleton() {
  return (
    <div role="status" aria-label="Loading the order" className="flex flex-col gap-4 p-4 md:p-6">
      <Skeleton className="h-5 w-20" />
      <Skeleton className="h-8 w-72" />
      <Skeleton className="h-16 w-full" />
      <div className="grid gap-4 xl:grid-cols-[1fr_22rem]">
        <Skeleton className="h-96" />
        <Skeleton className="h-96" />
      </div>
    </div>
  );
}
