import { useMemo } from 'react';
import { type Bar, type Lane, layoutAttempts } from '@/features/order/timeline/attempt-layout';
import type { Schemas } from '@/shared/api/client';
import { words } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';
import { usePreferences } from '@/shared/lib/preferences';
import { duration, timeOfDay } from '@/shared/lib/time';
import { useServerNow } from '@/shared/live/hooks';
import { Countdown } from '@/shared/ui/time';

const FAILED = new Set<Schemas['AttemptOutcome']>(['failed', 'rejected', 'refused', 'ignored']);

const COLORS: Partial<Record<Schemas['AttemptOutcome'], string>> = {
  succeeded: 'bg-good/75',
  undone: 'bg-quiet/75',
  failed: 'bg-warn/85',
  rejected: 'bg-bad',
  refused: 'bg-bad',
  ignored: 'bg-quiet',
  in_flight: 'bg-info motion-safe:animate-pulse',
};

/** Ticks that are closer have milliseconds. */
const SHORT_MS = 1_000;

interface AttemptBarsProps {
  attempts: readonly Schemas['Attempt'][];
  onlyFailed: boolean;
}

/** Every call as a bar, every wait hatched, the next try counted down by the server's clock. */
export function AttemptBars({ attempts, onlyFailed }: AttemptBarsProps) {
  const isOpen = attempts.some((a) => a.outcome === 'in_flight');
  const now = useServerNow(isOpen ? 500 : 60_000);
  const layout = useMemo(() => {
    const shown = onlyFailed ? attempts.filter((a) => FAILED.has(a.outcome)) : attempts;
    return layoutAttempts(shown, now);
  }, [attempts, onlyFailed, now]);
  const { zone } = usePreferences();
  const [first, second] = layout.ticks;
  const isShort = first && second ? second.ms - first.ms < SHORT_MS : false;
  if (layout.lanes.length === 0) {
    return (
      <p className="py-6 text-center text-muted-foreground text-sm">
        {onlyFailed ? 'No attempt has failed.' : 'No call has been made yet.'}
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-1" data-attempt-bars>
      {layout.lanes.map((lane) => (
        <LaneView key={lane.key} lane={lane} cuts={layout.cuts} />
      ))}
      <div className="grid grid-cols-[9.5rem_1fr] gap-3 max-sm:grid-cols-1" aria-hidden>
        <span className="max-sm:hidden" />
        <div className="relative h-5 border-t text-muted-foreground text-xs tabular-nums">
          {layout.ticks.map((tick) => (
            <span
              key={tick.left}
              className={cn(
                'absolute top-1 whitespace-nowrap border-l pl-1 leading-none max-sm:even:hidden',
                isShort && 'max-sm:nth-[n+4]:hidden', // their labels are longer
              )}
              style={{ left: `${tick.left * 100}%` }}
            >
              {tick.left > 0.92 ? '' : timeOfDay(tick.ms, zone, isShort)}
            </span>
          ))}
        </div>
      </div>
    </div>
  );
}

function LaneView({ lane, cuts }: { lane: Lane; cuts: ReturnType<typeof layoutAttempts>['cuts'] }) {
  const calls = lane.bars.filter((bar) => bar.kind === 'call' || bar.kind === 'in-flight').length;
  const planned = lane.bars.find((bar) => bar.kind === 'planned');
  const title =
    lane.action === 'undo' ? `Undo ${words(lane.step).toLowerCase()}` : words(lane.step);
  return (
    <div className="grid grid-cols-[9.5rem_1fr] items-center gap-3 py-1 max-sm:grid-cols-1 max-sm:gap-1">
      <div className="flex min-w-0 flex-col max-sm:flex-row max-sm:items-baseline max-sm:gap-2">
        <span className="truncate font-medium text-sm">{title}</span>
        <span className="truncate text-muted-foreground text-xs">
          {calls} {calls === 1 ? 'call' : 'calls'}
          {lane.run > 1 ? `, run ${lane.run}` : ''}
          {lane.generation > 1 ? `, generation ${lane.generation}` : ''}
          {planned?.attempt.planned_at ? (
            <>
              , next{' '}
              <Countdown until={planned.attempt.planned_at} className="font-medium text-warn" />
            </>
          ) : null}
        </span>
      </div>
      <ol aria-label={`Attempts: ${title}`} className="relative h-6 rounded-sm bg-muted/60">
        {cuts.map((cut) => (
          <li
            key={cut.left}
            aria-label={`${duration(cut.durationMs)} without anything`}
            title={`${duration(cut.durationMs)} without anything`}
            className="absolute inset-y-0 border-x border-dashed bg-background"
            style={{ left: `${cut.left * 100}%`, width: `${cut.width * 100}%` }}
          />
        ))}
        {lane.bars.map((bar) => (
          <BarView key={`${bar.kind}-${bar.startMs}-${bar.attempt.attempt}`} bar={bar} />
        ))}
      </ol>
    </div>
  );
}

function BarView({ bar }: { bar: Bar }) {
  const text = textOf(bar);
  return (
    <li
      aria-label={text}
      title={text}
      data-bar={bar.kind}
      className={cn(
        'absolute inset-y-0.5 min-w-1 rounded-sm',
        bar.kind === 'back-off' && 'hatch inset-y-1.5 rounded-none',
        bar.kind === 'planned' && '-translate-x-1 border-2 border-warn border-dashed',
        (bar.kind === 'call' || bar.kind === 'in-flight') && COLORS[bar.outcome],
      )}
      style={{ left: `min(${bar.left * 100}%, 100% - 4px)`, width: `${bar.width * 100}%` }}
    />
  );
}

function textOf(bar: Bar): string {
  const { attempt, code, message } = bar.attempt;
  const name = `Attempt ${attempt ?? ''}`.trim();
  const took = duration(bar.endMs - bar.startMs);
  switch (bar.kind) {
    case 'back-off':
      return `Wait of ${took} after attempt ${attempt ?? ''}`.trim();
    case 'planned':
      return `${name} is planned`;
    case 'in-flight':
      return `${name} is under way for ${took}`;
    case 'call':
      return `${name} ${bar.outcome} in ${took}${code ? `: ${code}` : ''}${message ? ` (${message})` : ''}`;
  }
}
