import { Fact, Facts, Panel } from '@/features/order/panels/panel';
import type { Schemas } from '@/shared/api/client';
import type { OrderEvent } from '@/shared/live/transport';
import { CopyButton } from '@/shared/ui/copy-button';

interface TracePanelProps {
  order: Schemas['Order'];
  events: readonly OrderEvent[];
}

export function TracePanel({ order, events }: TracePanelProps) {
  const first = events[0];
  const trace = first?.traceparent?.split('-')[1];
  const values: [string, string | undefined][] = [
    ['Order', order.id],
    ['Correlation', order.correlation_id],
    ['Trace', trace],
    ['Request', first?.causation_id],
    ['Last hash', events.at(-1)?.hash],
  ];
  return (
    <Panel title="Trace">
      <Facts>
        {values.map(([label, value]) =>
          value === undefined ? null : (
            <Fact key={label} label={label}>
              <span className="flex items-center justify-end">
                <code className="truncate font-mono text-xs" title={value}>
                  {value}
                </code>
                <CopyButton value={value} what={label.toLowerCase()} className="-my-1.5" />
              </span>
            </Fact>
          ),
        )}
      </Facts>
    </Panel>
  );
}
