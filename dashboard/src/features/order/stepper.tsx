import {
  Check,
  CircleDashed,
  CirclePause,
  LoaderCircle,
  type LucideIcon,
  OctagonX,
  RotateCw,
  TriangleAlert,
  Undo2,
  X,
} from 'lucide-react';
import type { StepState, StepView } from '@/features/order/timeline/step-states';
import { words } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';
import { duration } from '@/shared/lib/time';

const LOOKS: Record<StepState, { icon: LucideIcon; label: string; className: string }> = {
  todo: { icon: CircleDashed, label: 'To do', className: 'text-muted-foreground' },
  current: { icon: LoaderCircle, label: 'Under way', className: 'bg-info-soft text-info' },
  retrying: { icon: RotateCw, label: 'Retrying', className: 'bg-warn-soft text-warn' },
  held: { icon: CirclePause, label: 'On hold', className: 'bg-warn-soft text-warn' },
  dead: { icon: OctagonX, label: 'Given up', className: 'bg-bad-soft text-bad' },
  done: { icon: Check, label: 'Done', className: 'bg-good-soft text-good' },
  refused: { icon: X, label: 'Refused', className: 'bg-bad-soft text-bad' },
  undoing: { icon: Undo2, label: 'To be undone', className: 'bg-undo-soft text-undo' },
  undone: { icon: Undo2, label: 'Undone', className: 'bg-quiet-soft text-quiet' },
  'stuck-undo': { icon: TriangleAlert, label: 'Undo stopped', className: 'bg-bad-soft text-bad' },
};

export function Stepper({ steps }: { steps: readonly StepView[] }) {
  return (
    <ol
      aria-label="Steps"
      className="grid gap-px overflow-hidden rounded-lg border bg-border sm:grid-cols-3 xl:grid-cols-6"
    >
      {steps.map((view) => (
        <StepItem key={view.step} view={view} />
      ))}
    </ol>
  );
}

function StepItem({ view }: { view: StepView }) {
  const { icon: Icon, label, className } = LOOKS[view.state];
  return (
    <li
      data-step={view.step}
      data-state={view.state}
      className="flex min-w-0 items-center gap-2.5 bg-card px-3 py-2.5"
    >
      <span
        className={cn(
          'flex size-7 shrink-0 items-center justify-center rounded-full [&_svg]:size-4',
          className,
        )}
      >
        <Icon aria-hidden className={view.state === 'current' ? 'motion-safe:animate-spin' : ''} />
      </span>
      <span className="flex min-w-0 flex-col">
        <span
          className={cn(
            'truncate font-medium text-sm',
            view.state === 'todo' && 'text-muted-foreground',
          )}
        >
          {words(view.step)}
        </span>
        <span className="wrap-anywhere text-muted-foreground text-xs tabular-nums">
          {detailOf(view, label)}
        </span>
      </span>
    </li>
  );
}

function detailOf(view: StepView, label: string): string {
  const parts = [label];
  if (view.code !== undefined && view.state !== 'done') parts.push(view.code.replaceAll('_', ' '));
  if (view.failures > 0) parts.push(`${view.failures} failed`);
  if (view.state === 'done' && view.startedMs !== undefined && view.endedMs !== undefined) {
    parts.push(duration(view.endedMs - view.startedMs));
  }
  return parts.join(' · ');
}
