import { Link } from '@tanstack/react-router';
import type { Schemas } from '@/shared/api/client';
import { Card, CardHeader, CardTitle } from '@/shared/ui/card';
import { Money } from '@/shared/ui/money';

/** What the orders that are not final come to, per currency. */
export function OpenMoney({ money }: { money: Schemas['Pipeline']['open_money'] }) {
  return (
    <Card aria-label="Money in open orders">
      <CardHeader>
        <CardTitle>Money in open orders</CardTitle>
      </CardHeader>
      {money.length === 0 ? (
        <p className="p-4 text-muted-foreground text-sm">No order is open.</p>
      ) : (
        <ul className="flex flex-col divide-y">
          {money.map(({ currency, currency_exponent: exponent, orders, total }) => (
            <li key={currency} className="flex items-baseline gap-2 px-4 py-2 text-sm">
              <span className="flex-1 font-medium">
                {total === null ? (
                  `${currency} more than can be told`
                ) : (
                  <Money minor={total} currency={currency} exponent={exponent} />
                )}
              </span>
              <Link
                to="/orders"
                search={{ q: OPEN }}
                className="text-muted-foreground text-xs tabular-nums hover:underline"
              >
                in {orders.toLocaleString('en-GB')} {orders === 1 ? 'order' : 'orders'}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

const OPEN = '-status:completed,cancelled,failed';
