import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX } from 'lucide-react';
import type { Candidate } from '@/shared/actions/bulk-preview';
import { isApiError } from '@/shared/api/problem';
import type { Progress } from '@/shared/lib/run-all';

interface BulkProgressProps {
  run: Progress<Candidate, unknown>;
  isRunning: boolean;
  done: string;
}

export function BulkProgress({ run, isRunning, done }: BulkProgressProps) {
  const succeeded = run.results.filter((r) => r.outcome.ok).length;
  const failed = run.results.filter((r) => !r.outcome.ok);
  const left = run.total - run.results.length;
  return (
    <div className="flex flex-col gap-3 text-sm">
      <progress
        value={run.results.length}
        max={Math.max(run.total, 1)}
        aria-label="Progress"
        className="h-2 w-full overflow-hidden rounded-full accent-primary"
      />
      <p role="status" className="flex flex-wrap gap-x-4 tabular-nums">
        <span className="inline-flex items-center gap-1.5 text-good">
          <CircleCheck className="size-4" aria-hidden /> {succeeded} {done}
        </span>
        {failed.length > 0 ? (
          <span className="inline-flex items-center gap-1.5 text-bad">
            <CircleX className="size-4" aria-hidden /> {failed.length} refused
          </span>
        ) : null}
        {left > 0 ? (
          <span className="text-muted-foreground">
            {left} {isRunning ? 'to go' : 'not begun'}
          </span>
        ) : null}
      </p>
      {failed.length > 0 ? (
        <ul className="flex flex-col gap-1.5">
          {failed.map(({ item, outcome }) => (
            <li key={item.order.id}>
              <Link
                to="/orders/$orderId"
                params={{ orderId: item.order.id }}
                className="font-mono text-primary text-xs hover:underline"
              >
                {item.order.reference ?? item.order.id}
              </Link>{' '}
              <span className="text-muted-foreground">{reasonOf(outcome)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function reasonOf(outcome: Progress<Candidate, unknown>['results'][number]['outcome']): string {
  if (outcome.ok) return '';
  return isApiError(outcome.error) ? outcome.error.detail : String(outcome.error);
}
