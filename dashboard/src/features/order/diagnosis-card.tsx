import { Link } from '@tanstack/react-router';
import { Clock, HeartPulse, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Schemas } from '@/shared/api/client';
import { usePreferences } from '@/shared/lib/preferences';
import { localiseTimes } from '@/shared/lib/time';
import { serverClock } from '@/shared/live/clock';
import { Ago, Countdown, Time } from '@/shared/ui/time';

type Diagnosis = Schemas['Diagnosis'];

const WAITS: Record<Diagnosis['waiting_for']['what'], string> = {
  nothing: 'Nothing: it is over',
  person: 'A person',
  call: 'The next call, which is due',
  answer: 'The answer to a call',
  in_progress: 'A participant that is still at it',
  back_off: 'The next try',
  breaker: 'A participant that is not being called: its breaker is open',
  retry_budget: 'Room for another retry to this participant',
  bulkhead: 'Room for another call to this participant',
};

/** Why it waits, what happens next, and who else waits for the same. */
export function DiagnosisCard({ diagnosis }: { diagnosis: Diagnosis }) {
  const { waiting_for: wait, cause, next, otherwise, others, breaker } = diagnosis;
  if (wait.what === 'nothing' && !cause) return null;
  return (
    <section
      aria-label="Why it waits"
      data-diagnosis
      className="flex flex-col gap-3 rounded-lg border bg-card p-4"
    >
      <h2 className="flex items-center gap-2 font-semibold text-sm">
        <HeartPulse className="size-4 text-muted-foreground" aria-hidden />
        {wait.what === 'nothing' ? 'How it ended' : 'Why it is waiting'}
      </h2>
      <dl className="grid gap-x-4 gap-y-2 text-sm sm:grid-cols-[7rem_1fr] sm:items-baseline">
        {wait.what === 'nothing' ? null : (
          <Item label="Waits for">
            {WAITS[wait.what]}
            {wait.since ? (
              <span className="text-muted-foreground">
                , since <Time at={wait.since} /> (<Ago at={wait.since} />)
              </span>
            ) : null}
            {wait.until && next.by !== 'person' ? (
              <span className="ml-2 whitespace-nowrap font-medium text-warn">
                <Clock className="mr-1 inline size-3.5 align-[-0.15em]" aria-hidden />
                <Countdown until={wait.until} />
              </span>
            ) : null}
          </Item>
        )}
        {cause ? (
          <Item label="Cause">
            <Sentence text={cause.text} />
          </Item>
        ) : null}
        {breaker ? (
          <Item label="Breaker">
            <Sentence text={breaker.text} />
          </Item>
        ) : null}
        {next.what === 'nothing' ? null : (
          <Item label="Next">
            <Sentence text={next.text} />
          </Item>
        )}
        {otherwise ? (
          <Item label="Otherwise">
            <Sentence text={otherwise.text} />
          </Item>
        ) : null}
        {others ? (
          <Item label="Others">
            <Link
              to="/orders"
              search={{ fingerprint: others.fingerprint }}
              className="text-primary hover:underline"
            >
              <Users className="mr-1.5 inline size-3.5 align-[-0.15em]" aria-hidden />
              {othersText(others)}
            </Link>
          </Item>
        ) : null}
      </dl>
    </section>
  );
}

function othersText({ count, dead_lettered, is_complete }: Schemas['SharedFailure']): string {
  if (count === 0) return 'No other open order has this failure';
  const many = `${is_complete ? '' : 'at least '}${count.toLocaleString('en-GB')}`;
  const dead = dead_lettered > 0 ? `, ${dead_lettered.toLocaleString('en-GB')} dead-lettered` : '';
  return `${many} other open ${count === 1 ? 'order has' : 'orders have'} the same failure${dead}`;
}

function Item({ label, children }: { label: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Sentence({ text }: { text: string }) {
  const { zone } = usePreferences();
  return <>{localiseTimes(text, serverClock.nowMs(), zone)}</>;
}
