import { ChevronDown, ChevronRight, History, X } from 'lucide-react';
import type { OrderSearch } from '@/features/order/search';
import { EventDetail } from '@/features/order/timeline/event-detail';
import { eventSummary, eventTone } from '@/features/order/timeline/event-words';
import { eventLabel, words } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';
import type { OrderEvent } from '@/shared/live/transport';
import { Button } from '@/shared/ui/button';
import { Time } from '@/shared/ui/time';

interface EventListProps {
  orderId: string;
  events: readonly OrderEvent[];
  search: OrderSearch;
  onChange: (changes: Partial<OrderSearch>) => void;
}

export function EventList({ orderId, events, search, onChange }: EventListProps) {
  const shown = events.filter(
    (event) =>
      (search.step === undefined || event.step === search.step) &&
      (!search.failed || eventTone(event.type) === 'bad' || eventTone(event.type) === 'warn'),
  );
  return (
    <div className="flex flex-col gap-2">
      {search.step !== undefined ? (
        <Button
          variant="outline"
          size="sm"
          className="self-start"
          onClick={() => onChange({ step: undefined })}
        >
          Only {words(search.step).toLowerCase()} <X />
        </Button>
      ) : null}
      {shown.length === 0 ? (
        <p className="py-6 text-center text-muted-foreground text-sm">No event is like this.</p>
      ) : null}
      <ol aria-label="Events" className="relative flex flex-col">
        {shown.map((event) => (
          <EventItem
            key={event.id}
            orderId={orderId}
            event={event}
            isOpen={search.event === event.version}
            onOpen={(isOpen) => onChange({ event: isOpen ? event.version : undefined })}
            onThen={() => onChange({ version: event.version })}
          />
        ))}
      </ol>
    </div>
  );
}

const DOT = {
  good: 'bg-good',
  info: 'bg-info',
  warn: 'bg-warn',
  bad: 'bg-bad',
  undo: 'bg-undo',
  quiet: 'bg-quiet',
};

interface EventItemProps {
  orderId: string;
  event: OrderEvent;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onThen: () => void;
}

function EventItem({ orderId, event, isOpen, onOpen, onThen }: EventItemProps) {
  return (
    <li data-event={event.type} className="border-b last:border-b-0">
      <div className="flex items-center gap-2">
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => onOpen(!isOpen)}
          className="grid min-w-0 flex-1 grid-cols-[2.25rem_1fr_auto] items-center gap-x-2 rounded-sm py-1.5 text-left text-sm hover:bg-accent/60"
        >
          <span className="flex items-center gap-1.5 text-muted-foreground text-xs tabular-nums">
            {isOpen ? (
              <ChevronDown className="size-3.5 shrink-0" aria-hidden />
            ) : (
              <ChevronRight className="size-3.5 shrink-0" aria-hidden />
            )}
            {event.version}
          </span>
          <span className="flex min-w-0 items-center gap-2 pl-2">
            <span
              aria-hidden
              className={cn('size-2 shrink-0 rounded-full', DOT[eventTone(event.type)])}
            />
            <span className="shrink-0 font-medium">{eventLabel(event.type)}</span>
            <span className="truncate text-muted-foreground">{eventSummary(event)}</span>
          </span>
          <Time at={event.occurred_at} className="text-muted-foreground text-xs" />
        </button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={`The order as it was after event ${event.version}`}
          title="The order as it was then"
          onClick={onThen}
        >
          <History />
        </Button>
      </div>
      {isOpen ? <EventDetail orderId={orderId} event={event} /> : null}
    </li>
  );
}
