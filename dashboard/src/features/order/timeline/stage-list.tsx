import { ChevronRight } from 'lucide-react';
import type { StepState, StepView } from '@/features/order/timeline/step-states';
import { STAGES, type Step, words } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';
import { duration } from '@/shared/lib/time';
import type { OrderEvent } from '@/shared/live/transport';
import { Time } from '@/shared/ui/time';

const BAR: Record<StepState, string> = {
  todo: 'bg-muted',
  current: 'bg-info',
  retrying: 'bg-warn',
  held: 'bg-warn',
  dead: 'bg-bad',
  done: 'bg-good',
  refused: 'bg-bad',
  undoing: 'bg-undo',
  undone: 'bg-quiet',
  'stuck-undo': 'bg-bad',
};

interface StageListProps {
  steps: readonly StepView[];
  events: readonly OrderEvent[];
  onOpen: (step: Step) => void;
}

/** The whole story on a hand's breadth: a line per step that was begun. */
export function StageList({ steps, events, onOpen }: StageListProps) {
  const begun = steps.filter((view) => view.startedMs !== undefined);
  const first = events[0];
  const startMs = first ? Date.parse(first.occurred_at) : 0;
  const endMs = Math.max(startMs, ...begun.map((view) => view.endedMs ?? startMs));
  const span = Math.max(endMs - startMs, 1);
  return (
    <ol aria-label="Stages" className="flex flex-col">
      {first ? (
        <li className="grid grid-cols-[9.5rem_1fr_4.5rem] items-center gap-3 border-b py-2 text-sm">
          <span className="font-medium">Placed</span>
          <span className="text-muted-foreground">
            <Time at={first.occurred_at} />
          </span>
        </li>
      ) : null}
      {begun.map((view) => {
        const from = ((view.startedMs ?? startMs) - startMs) / span;
        const took = (view.endedMs ?? startMs) - (view.startedMs ?? startMs);
        const failed = view.failures > 0 ? `, ${view.failures} failed` : '';
        return (
          <li key={view.step} className="border-b last:border-b-0">
            <button
              type="button"
              onClick={() => onOpen(view.step)}
              title="Show its events"
              className="grid w-full grid-cols-[9.5rem_1fr_4.5rem] items-center gap-3 rounded-sm py-2 text-left text-sm hover:bg-accent/60"
            >
              <span className="flex flex-col">
                <span className="truncate font-medium">{words(view.step)}</span>
                <span className="truncate text-muted-foreground text-xs">
                  {stageOf(view.step)}
                  {failed}
                </span>
              </span>
              <span className="relative h-2 rounded-full bg-muted">
                <span
                  className={cn('absolute inset-y-0 min-w-1.5 rounded-full', BAR[view.state])}
                  style={{
                    left: `${Math.min(from * 100, 98.5)}%`,
                    width: `${(took / span) * 100}%`,
                  }}
                />
              </span>
              <span className="flex items-center justify-end gap-1 text-muted-foreground text-xs tabular-nums">
                {duration(took)}
                <ChevronRight className="size-3.5" aria-hidden />
              </span>
            </button>
          </li>
        );
      })}
    </ol>
  );
}

function stageOf(step: Step): string {
  return STAGES.find((stage) => (stage.steps as readonly Step[]).includes(step))?.label ?? '';
}
