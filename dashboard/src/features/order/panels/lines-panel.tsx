import { useState } from 'react';
import { Panel } from '@/features/order/panels/panel';
import type { Schemas } from '@/shared/api/client';
import { cn } from '@/shared/lib/cn';
import { Button } from '@/shared/ui/button';
import { Money } from '@/shared/ui/money';

const SHOWN_FIRST = 8;

export function LinesPanel({ order }: { order: Schemas['Order'] }) {
  const [isAll, setIsAll] = useState(false);
  const lines = isAll ? order.lines : order.lines.slice(0, SHOWN_FIRST);
  return (
    <Panel title={`${order.lines.length} ${order.lines.length === 1 ? 'line' : 'lines'}`}>
      <ul
        aria-label="Lines"
        tabIndex={isAll ? 0 : undefined}
        className={cn('flex flex-col gap-2', isAll && '-mr-4 max-h-112 overflow-y-auto pr-4')}
      >
        {lines.map((line) => (
          <li key={line.line} className="flex items-baseline gap-3">
            <span className="min-w-8 shrink-0 text-right text-muted-foreground tabular-nums">
              {line.quantity.toLocaleString('en-GB')}×
            </span>
            <span className="flex min-w-0 flex-1 flex-col">
              <span className="truncate" title={line.title}>
                <bdi>{line.title ?? line.sku}</bdi>
              </span>
              {line.title ? (
                <code className="truncate font-mono text-muted-foreground text-xs">{line.sku}</code>
              ) : null}
            </span>
            <Money
              minor={line.quantity * line.unit_price}
              currency={order.currency}
              exponent={order.currency_exponent}
            />
          </li>
        ))}
      </ul>
      {order.lines.length > SHOWN_FIRST ? (
        <Button variant="link" size="sm" className="mt-2 px-0" onClick={() => setIsAll(!isAll)}>
          {isAll ? 'Fewer' : `All ${order.lines.length} lines`}
        </Button>
      ) : null}
    </Panel>
  );
}
