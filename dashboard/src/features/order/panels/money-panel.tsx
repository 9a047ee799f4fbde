import { Fact, Facts, Panel } from '@/features/order/panels/panel';
import type { Schemas } from '@/shared/api/client';
import { words } from '@/shared/domain/vocabulary';
import { Money } from '@/shared/ui/money';

export function MoneyPanel({ order }: { order: Schemas['Order'] }) {
  const of = (minor: number) => (
    <Money minor={minor} currency={order.currency} exponent={order.currency_exponent} />
  );
  const { authorized, captured, refunded, voided } = order.money;
  return (
    <Panel title="Money">
      <Facts>
        {order.adjustments.map((adjustment, index) => (
          <Fact
            // biome-ignore lint/suspicious/noArrayIndexKey: adjustments have no other name
            key={index}
            label={adjustment.label ?? words(adjustment.kind)}
          >
            {of(adjustment.amount)}
          </Fact>
        ))}
        <Fact label="Total">
          <strong className="font-semibold">{of(order.total)}</strong>
        </Fact>
      </Facts>
      <div className="my-2.5 border-t" />
      <Facts>
        <Fact label="Authorized">{of(authorized)}</Fact>
        <Fact label="Captured">{of(captured)}</Fact>
        {refunded > 0 ? <Fact label="Refunded">{of(refunded)}</Fact> : null}
        {voided > 0 ? <Fact label="Voided">{of(voided)}</Fact> : null}
        <Fact label="Method">
          <code className="font-mono text-xs">{order.payment_method}</code>
        </Fact>
        {order.payment_id ? (
          <Fact label="Payment">
            <code className="font-mono text-xs" title={order.payment_id}>
              {order.payment_id}
            </code>
          </Fact>
        ) : null}
      </Facts>
    </Panel>
  );
}
