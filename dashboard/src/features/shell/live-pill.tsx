import { CloudOff, Pause, RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { cn } from '@/shared/lib/cn';
import { usePreferences } from '@/shared/lib/preferences';
import { timeOfDay } from '@/shared/lib/time';
import { useLive, useLiveStatus } from '@/shared/live/hooks';
import type { LiveStatus } from '@/shared/live/live';

interface Look {
  className: string;
  icon: React.ReactNode;
  text: string;
  asOfMs?: number | undefined;
}

const dot = (className: string) => (
  <span className={cn('size-2 shrink-0 rounded-full', className)} aria-hidden />
);

function lookOf(status: LiveStatus, nowMs: number): Look {
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
        text: 'Paused',
        asOfMs: status.sinceMs,
      };
    case 'reconnecting': {
      const seconds = Math.max(0, Math.ceil((status.retryAtMs - nowMs) / 1000));
      return {
        className: 'text-warn',
        icon: <RefreshCw className="size-3.5" aria-hidden />,
        text: `Reconnecting${seconds > 0 ? ` in ${seconds} s` : ''}`,
        asOfMs: status.asOfMs,
      };
    }
    case 'offline':
      return {
        className: 'text-bad',
        icon: <CloudOff className="size-3.5" aria-hidden />,
        text: 'Offline',
        asOfMs: status.asOfMs,
      };
  }
}

/** How fresh everything on the page is; a click pauses and goes on. */
export function LivePill() {
  const live = useLive();
  const status = useLiveStatus();
  const { zone } = usePreferences();
  const now = useTicking(status.kind === 'reconnecting');
  const look = lookOf(status, now);
  const isPaused = status.kind === 'paused';
  return (
    <button
      type="button"
      data-live={status.kind}
      title={isPaused ? 'Go on (p)' : 'Pause live changes (p)'}
      onClick={() => (isPaused ? live.resume() : live.pause())}
      className={cn(
        'flex min-h-7 min-w-0 items-center gap-2 rounded-full border bg-card px-3 font-medium text-xs',
        look.className,
      )}
    >
      {look.icon}
      <span className="flex min-w-0 text-left tabular-nums leading-4 max-sm:flex-col">
        <span className="truncate">{look.text}</span>
        {look.asOfMs === undefined ? null : (
          <span className="truncate">
            <span className="max-sm:sr-only">,&nbsp;</span>data as of {timeOfDay(look.asOfMs, zone)}
          </span>
        )}
      </span>
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
