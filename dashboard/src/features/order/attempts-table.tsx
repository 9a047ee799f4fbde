import type { Schemas } from '@/shared/api/client';
import { words } from '@/shared/domain/vocabulary';
import { duration } from '@/shared/lib/time';
import { Badge, type Tone } from '@/shared/ui/badge';
import { Countdown, Time } from '@/shared/ui/time';

const TONES: Record<Schemas['AttemptOutcome'], Tone> = {
  succeeded: 'good',
  rejected: 'bad',
  undone: 'undo',
  refused: 'bad',
  failed: 'warn',
  ignored: 'quiet',
  in_flight: 'info',
  planned: 'quiet',
};

const headClass = 'px-2 py-1.5 text-left font-medium text-muted-foreground text-xs first:pl-0';
const cellClass = 'whitespace-nowrap px-2 py-1.5 first:pl-0';

export function AttemptsTable({ attempts }: { attempts: readonly Schemas['Attempt'][] }) {
  if (attempts.length === 0) {
    return <p className="py-6 text-center text-muted-foreground text-sm">No call was made yet.</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Attempts">
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b">
            {['Call', 'Outcome', 'Code', 'Began', 'Took', 'Next try'].map((name) => (
              <th key={name} scope="col" className={headClass}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt) => (
            <AttemptRow
              key={`${attempt.key}-${attempt.action}-${attempt.attempt}-${attempt.outcome}-${attempt.version}`}
              attempt={attempt}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AttemptRow({ attempt }: { attempt: Schemas['Attempt'] }) {
  const next = attempt.outcome === 'planned' ? attempt.planned_at : attempt.next_attempt_at;
  return (
    <tr className="border-b last:border-b-0">
      <td className={cellClass}>
        {attempt.action === 'undo' ? 'Undo ' : ''}
        {attempt.action === 'undo' ? words(attempt.step).toLowerCase() : words(attempt.step)}
        {attempt.attempt === undefined ? '' : ` #${attempt.attempt}`}
      </td>
      <td className={cellClass}>
        <Badge tone={TONES[attempt.outcome]}>{words(attempt.outcome)}</Badge>
      </td>
      <td className={`${cellClass} text-muted-foreground`} title={attempt.message}>
        {attempt.code ?? ''}
      </td>
      <td className={`${cellClass} text-muted-foreground`}>
        {attempt.started_at ? <Time at={attempt.started_at} /> : null}
      </td>
      <td className={`${cellClass} text-muted-foreground tabular-nums`}>
        {attempt.duration_ms === undefined ? '' : duration(attempt.duration_ms)}
      </td>
      <td className={`${cellClass} text-muted-foreground`}>
        {next === undefined ? null : attempt.outcome === 'planned' ? (
          <Countdown until={next} />
        ) : (
          <Time at={next} />
        )}
      </td>
    </tr>
  );
}
