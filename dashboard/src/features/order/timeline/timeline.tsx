import type { OrderSearch, TimelineMode } from '@/features/order/search';
import { AttemptBars } from '@/features/order/timeline/attempt-bars';
import { EventList } from '@/features/order/timeline/event-list';
import { StageList } from '@/features/order/timeline/stage-list';
import type { StepView } from '@/features/order/timeline/step-states';
import type { Schemas } from '@/shared/api/client';
import type { OrderEvent } from '@/shared/live/transport';
import { Checkbox } from '@/shared/ui/checkbox';
import { Segmented } from '@/shared/ui/segmented';

const MODES = [
  { value: 'stages', label: 'Stages' },
  { value: 'attempts', label: 'Attempts' },
  { value: 'events', label: 'Events' },
] as const;

interface TimelineProps {
  orderId: string;
  search: OrderSearch;
  onChange: (changes: Partial<OrderSearch>) => void;
  steps: readonly StepView[];
  attempts: readonly Schemas['Attempt'][];
  events: readonly OrderEvent[];
}

/** The order's story in three grains, all from the same events. */
export function Timeline(props: TimelineProps) {
  const { search, onChange } = props;
  const mode: TimelineMode = search.mode ?? 'stages';
  const onlyFailed = search.failed ?? false;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <Segmented
          label="Grain of the timeline"
          value={mode}
          options={MODES}
          onChange={(value) => onChange({ mode: value === 'stages' ? undefined : value })}
        />
        {mode === 'stages' ? null : (
          <label htmlFor="only-failed" className="flex items-center gap-2 text-sm">
            <Checkbox
              id="only-failed"
              checked={onlyFailed}
              onChange={(event) => onChange({ failed: event.target.checked || undefined })}
            />
            Failed only
          </label>
        )}
      </div>
      {mode === 'stages' ? (
        <StageList
          steps={props.steps}
          events={props.events}
          onOpen={(step) => onChange({ mode: 'events', step })}
        />
      ) : null}
      {mode === 'attempts' ? (
        <AttemptBars attempts={props.attempts} onlyFailed={onlyFailed} />
      ) : null}
      {mode === 'events' ? (
        <EventList
          orderId={props.orderId}
          events={props.events}
          search={search}
          onChange={onChange}
        />
      ) : null}
    </div>
  );
}
