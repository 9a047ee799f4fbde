import { useQuery } from '@tanstack/react-query';
import { readContact } from '@/features/order/api/read-order';
import { Fact, Facts, Panel } from '@/features/order/panels/panel';
import type { Schemas } from '@/shared/api/client';
import { isApiError } from '@/shared/api/problem';
import { CopyButton } from '@/shared/ui/copy-button';
import { Skeleton } from '@/shared/ui/skeleton';

export function ShipmentPanel({ order }: { order: Schemas['Order'] }) {
  return (
    <Panel title="Shipment">
      <Address orderId={order.id} />
      {order.shipment_id ? (
        <div className="mt-3 border-t pt-3">
          <Facts>
            <Fact label="Carrier">{order.carrier ?? '–'}</Fact>
            {order.tracking ? (
              <Fact label="Tracking">
                <span className="flex items-center justify-end">
                  <code className="truncate font-mono text-xs">{order.tracking}</code>
                  <CopyButton value={order.tracking} what="tracking number" className="-my-1.5" />
                </span>
              </Fact>
            ) : null}
            <Fact label="Shipment">
              <code className="font-mono text-xs" title={order.shipment_id}>
                {order.shipment_id}
              </code>
            </Fact>
          </Facts>
        </div>
      ) : (
        <p className="mt-2 text-muted-foreground">Nothing is booked.</p>
      )}
    </Panel>
  );
}

function Address({ orderId }: { orderId: string }) {
  const { data, error } = useQuery(readContact(orderId));
  if (error && !data) {
    const detail = isApiError(error) ? error.detail : String(error);
    return <p className="text-muted-foreground">The address cannot be read: {detail}</p>;
  }
  if (!data) return <Skeleton className="h-16 w-full" />;
  const to = data.ship_to;
  const lines = [
    to.line1,
    to.line2,
    `${to.postal_code} ${to.city}`,
    [to.region, to.country].filter(Boolean).join(', '),
    to.email,
    to.phone,
  ].filter((line) => line !== undefined && line !== '');
  return (
    <address className="not-italic">
      <span className="block truncate font-medium" title={to.name}>
        <bdi>{to.name}</bdi>
      </span>
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two may say the same
        <span key={index} className="block truncate text-muted-foreground" title={line}>
          <bdi>{line}</bdi>
        </span>
      ))}
    </address>
  );
}
