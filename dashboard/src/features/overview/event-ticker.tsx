import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { eventLabel } from '@/shared/domain/vocabulary';
import { useRoom } from '@/shared/live/hooks';
import type { OrderEvent } from '@/shared/live/transport';
import { Card, CardHeader, CardTitle } from '@/shared/ui/card';
import { Time } from '@/shared/ui/time';

const SHOWN = 10;

/** What happens right now, to whichever order. */
export function EventTicker() {
  const [events, setEvents] = useState<readonly OrderEvent[]>([]);
  useRoom('events', {
    onItems: (items) => {
      const come = items.flatMap((item) => (item.event === 'event:created' ? [item.data] : []));
      setEvents((before) => {
        const known = new Set(before.map((event) => event.id));
        const fresh = come.filter((event) => !known.has(event.id)).reverse();
        return [...fresh, ...before].slice(0, SHOWN);
      });
    },
    onResync: async () => setEvents([]),
  });
  return (
    <Card aria-label="Events">
      <CardHeader>
        <CardTitle>Events</CardTitle>
      </CardHeader>
      {events.length === 0 ? (
        <p className="p-4 text-muted-foreground text-sm">The next event appears here.</p>
      ) : (
        <ol className="flex flex-col py-1.5">
          {events.map((event) => (
            <li
              key={event.id}
              className="relative flex items-baseline gap-3 px-4 py-1 text-sm hover:bg-accent/60"
            >
              <Time at={event.occurred_at} className="text-muted-foreground text-xs" />
              <Link
                to="/orders/$orderId"
                params={{ orderId: event.order_id }}
                search={{ mode: 'events', event: event.version }}
                className="min-w-0 flex-1 truncate after:absolute after:inset-0"
              >
                {eventLabel(event.type)}
              </Link>
              <code className="font-mono text-muted-foreground text-xs">
                …{event.order_id.slice(-6)}
              </code>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
