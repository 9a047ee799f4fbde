import { CloudOff, RotateCw, SearchX, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { type ApiError, isApiError } from '@/shared/api/problem';
import { cn } from '@/shared/lib/cn';
import { Button } from '@/shared/ui/button';

interface StateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  className?: string;
}

/** Nothing here: why, and what to do next. */
export function EmptyState({ icon, title, children, className }: StateProps) {
  return (
    <div
      data-slot="empty-state"
      className={cn(
        'mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-12 text-center',
        className,
      )}
    >
      {icon ? <div className="text-muted-foreground [&_svg]:size-6">{icon}</div> : null}
      <p className="font-medium">{title}</p>
      <div className="flex flex-col items-center gap-3 text-muted-foreground text-sm">
        {children}
      </div>
    </div>
  );
}

/** Something is there, but nothing that was asked for. */
export function NoMatchState({ onClear, children }: { onClear: () => void; children?: ReactNode }) {
  return (
    <EmptyState icon={<SearchX />} title="Nothing matches">
      {children}
      <Button variant="outline" onClick={onClear}>
        Clear the filter
      </Button>
    </EmptyState>
  );
}

/** A read that failed: what the server said, by what it can be found, and again. */
export function ErrorState({
  error,
  onRetry,
  className,
}: {
  error: unknown;
  onRetry?: (() => void) | undefined;
  className?: string;
}) {
  const problem: ApiError | undefined = isApiError(error) ? error : undefined;
  const offline = problem?.isOffline ?? false;
  return (
    <div
      role="alert"
      data-slot="error-state"
      className={cn(
        'mx-auto flex max-w-md flex-col items-center gap-2 px-6 py-12 text-center',
        className,
      )}
    >
      <div className={cn('[&_svg]:size-6', offline ? 'text-muted-foreground' : 'text-bad')}>
        {offline ? <CloudOff /> : <TriangleAlert />}
      </div>
      <p className="font-medium">{problem?.title ?? 'The page has a defect'}</p>
      <p className="break-words text-muted-foreground text-sm">
        {problem?.detail ?? (error instanceof Error ? error.message : String(error))}
        {offline ? ' It is asked again by itself.' : ''}
      </p>
      {problem?.requestId ? (
        <p className="text-muted-foreground text-xs">
          Request <code className="select-all font-mono">{problem.requestId}</code>
        </p>
      ) : null}
      {onRetry ? (
        <Button variant="outline" onClick={onRetry} className="mt-1">
          <RotateCw /> Try again
        </Button>
      ) : null}
    </div>
  );
}
