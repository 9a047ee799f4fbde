/** What a person changes of an order before it is tried again, and what of it is really another. */
import type { Schemas } from '@/shared/api/client';
import { type Difference, jsonDiff } from '@/shared/lib/json-diff';

export interface Draft {
  payment_method: string;
  ship_to: Schemas['ShipTo'];
  lines: Schemas['LineRequest'][];
}

export type ChangeableField = Schemas['ChangeableField'];

export function draftOf(order: Schemas['Order'], contact: Schemas['Contact']): Draft {
  return {
    payment_method: order.payment_method,
    ship_to: contact.ship_to,
    lines: order.lines.map(({ line: _line, ...rest }) => rest),
  };
}

/** Optional members that were emptied are absent, as the API wants them. */
function cleaned(shipTo: Schemas['ShipTo']): Schemas['ShipTo'] {
  const { line2, region, email, phone, ...rest } = shipTo;
  return {
    ...rest,
    ...(line2 && { line2 }),
    ...(region && { region }),
    ...(email && { email }),
    ...(phone && { phone }),
  };
}

export interface Changed {
  changes: Schemas['Changes'] | undefined;
  differences: Difference[];
}

/** Only the fields that may be changed and are; each is sent whole. */
export function changedBy(
  before: Draft,
  after: Draft,
  fields: readonly ChangeableField[],
): Changed {
  const changes: Schemas['Changes'] = {};
  const differences: Difference[] = [];
  const from = { ...before, ship_to: cleaned(before.ship_to) };
  const to = {
    ...after,
    ship_to: cleaned(after.ship_to),
    lines: after.lines.filter((line) => line.quantity > 0),
  };
  for (const field of fields) {
    const found = jsonDiff(from[field], to[field], `/${field}`);
    if (found.length === 0) continue;
    differences.push(...found);
    Object.assign(changes, { [field]: to[field] });
  }
  return { changes: differences.length > 0 ? changes : undefined, differences };
}
