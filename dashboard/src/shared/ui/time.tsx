import { useSyncExternalStore } from 'react';
import { usePreferences } from '@/shared/lib/preferences';
import { ago, countdown, fullTime, lasting, shortTime, todayOf } from '@/shared/lib/time';
import { useServerNow } from '@/shared/live/hooks';

const minuteListeners = new Set<() => void>();
let minutes: ReturnType<typeof setInterval> | undefined;

/** One timer for all, however many times are shown. */
function everyMinute(listener: () => void): () => void {
  minuteListeners.add(listener);
  minutes ??= setInterval(() => {
    for (const one of minuteListeners) one();
  }, 60_000);
  return () => {
    minuteListeners.delete(listener);
    if (minuteListeners.size > 0) return;
    clearInterval(minutes);
    minutes = undefined;
  };
}

/** A time in the chosen zone; everything about it in its title. */
export function Time({ at, className }: { at: string; className?: string }) {
  const { zone } = usePreferences();
  // Drawn anew as the day ends: from then on it has its date.
  useSyncExternalStore(everyMinute, () => todayOf(Date.now(), zone));
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms, zone)} className={className}>
      <span className="tabular-nums">{shortTime(ms, Date.now(), zone)}</span>
    </time>
  );
}

/** `in 4 s`, by the server's clock. */
export function Countdown({ until, className }: { until: string; className?: string }) {
  const now = useServerNow(250);
  const { zone } = usePreferences();
  const ms = Date.parse(until);
  return (
    <time dateTime={until} title={fullTime(ms, zone)} className={className}>
      <span className="tabular-nums">{countdown(ms, now)}</span>
    </time>
  );
}

/** How long it is ago, without the word. */
export function Since({ at, className }: { at: string; className?: string }) {
  const now = useServerNow(1_000);
  const { zone } = usePreferences();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms, zone)} className={className}>
      <span className="tabular-nums">{lasting(now - ms)}</span>
    </time>
  );
}

export function Ago({ at, className }: { at: string; className?: string }) {
  const now = useServerNow(1_000);
  const { zone } = usePreferences();
  const ms = Date.parse(at);
  return (
    <time dateTime={at} title={fullTime(ms, zone)} className={className}>
      <span className="tabular-nums">{ago(ms, now)}</span>
    </time>
  );
}
