import { CloudOff, Pause, RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { cn } from '@/shared/lib/cn';
import { usePreferences } from '@/shared/lib/preferences';
import { timeOfDay, type Zone } from '@/shared/lib/time';
import { useLive, useLiveStatus } from '@/shared/live/hooks';
import type { LiveStatus } from '@/shared/live/live';

interface Look {
  className: string;
  icon: React.ReactNode;
  text: string;
}

const dot = (className: string) => (
  <span className={cn('size-2 shrink-0 rounded-full', className)} aria-hidden />
);

function asOf(ms: number | undefined, zone: Zone): string {
  return ms === undefined ? '' : `, data as of ${timeOfDay(ms, zone)}`;
}

function lookOf(status: LiveStatus, zone: Zone, nowMs: number): Look {
  switch (status.kind) {
    case 'live':
      return { className: 'text-good', icon: dot('bg-good'), text: 'Live' };
    case 'connecting':
      return { className: 'text-quiet', icon: dot('bg-quiet'), text: 'Connecting' };
    case 'catching-up':
      return { className: 'text-quiet', icon: dot('bg-quiet'), text: 'Catching up' };
    case 'paused':
      return {
        className: 'text-warn',
        icon: <Pause className="size-3.5" aria-hidden />,
        text: `Paused${asOf(status.sinceMs, zone)}`,
      };
    case 'reconnecting': {
      const seconds = Math.max(0, Math.ceil((status.retryAtMs - nowMs) / 1000));
      return {
        className: 'text-warn',
        icon: <RefreshCw className="size-3.5" aria-hidden />,
        text: `Reconnecting${seconds > 0 ? ` in ${seconds} s` : ''}${asOf(status.asOfMs, zone)}`,
      };
    }
    case 'offline':
      return {
        className: 'text-bad',
        icon: <CloudOff className="size-3.5" aria-hidden />,
        text: `Offline${asOf(status.asOfMs, zone)}`,
      };
  }
}

/** How fresh everything on the page is; a click pauses and goes on. */
export function LivePill() {
  const live = useLive();
  const status = useLiveStatus();
  const { zone } = usePreferences();
  const now = useTicking(status.kind === 'reconnecting');
  const look = lookOf(status, zone, now);
  const isPaused = status.kind === 'paused';
  return (
    <button
      type="button"
      data-live={status.kind}
      title={isPaused ? 'Go on (p)' : 'Pause live changes (p)'}
      onClick={() => (isPaused ? live.resume() : live.pause())}
      className={cn(
        'flex h-7 min-w-0 items-center gap-2 rounded-full border bg-card px-3 font-medium text-xs',
        look.className,
      )}
    >
      {look.icon}
      <span className="truncate tabular-nums">{look.text}</span>
    </button>
  );
}

function useTicking(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
