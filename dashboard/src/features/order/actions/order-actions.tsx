import { Ellipsis } from 'lucide-react';
import { useRef, useState } from 'react';
import { ActionDialog } from '@/features/order/actions/action-dialog';
import type { ChangeableField } from '@/features/order/actions/changes';
import { ACTION_ORDER, ACTIONS } from '@/shared/actions/action-words';
import type { Schemas } from '@/shared/api/client';
import { type ActionName, isFinal } from '@/shared/domain/vocabulary';
import { useKeptFocus } from '@/shared/hooks/use-kept-focus';
import { useShortcuts } from '@/shared/hooks/use-shortcuts';
import { Button } from '@/shared/ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from '@/shared/ui/dropdown-menu';

interface OrderActionsProps {
  order: Schemas['Order'];
  diagnosis: Schemas['Diagnosis'] | undefined;
  onDone: () => void;
}

const RESTART_FIELDS: readonly ChangeableField[] = ['payment_method', 'ship_to', 'lines'];

/** What can be done now as buttons; the rest, and why not, in the menu behind them. */
export function OrderActions({ order, diagnosis, onDone }: OrderActionsProps) {
  const [action, setAction] = useState<ActionName>();
  const all = ACTION_ORDER.flatMap((name) => {
    const found = order.allowed_actions?.find((a) => a.action === name);
    if (!found) return [];
    // A cancel of what is being undone already, or is over, changes nothing.
    const isIdle = name === 'cancel' && (isFinal(order.status) || isUndoing(order.status));
    return [{ ...found, allowed: found.allowed && !isIdle }];
  });
  const allowed = all.filter((a) => a.allowed);
  const isAllowed = (name: ActionName) => allowed.some((a) => a.action === name);
  const open = (...names: ActionName[]) => {
    const first = names.find(isAllowed);
    if (first) setAction(first);
  };
  useShortcuts({ r: () => open('retry-now', 'retry', 'restart'), c: () => open('cancel') });
  const buttons = useRef<HTMLDivElement>(null);
  useKeptFocus(buttons, `${allowed.map((a) => a.action).join()} ${action ?? ''}`);
  return (
    <div ref={buttons} className="flex flex-wrap items-center gap-2">
      {allowed.map(({ action: name }, index) => (
        <Button
          key={name}
          variant={index === 0 && !ACTIONS[name].isDestructive ? 'default' : 'outline'}
          className={ACTIONS[name].isDestructive ? 'text-bad' : ''}
          onClick={() => setAction(name)}
        >
          {ACTIONS[name].label}
        </Button>
      ))}
      <NotAllowed actions={all.filter((a) => !a.allowed)} />
      {action ? (
        <ActionDialog
          order={order}
          action={action}
          effect={diagnosis?.actions.find((a) => a.action === action)?.effect}
          fields={fieldsOf(order, action)}
          onClose={() => setAction(undefined)}
          onDone={onDone}
        />
      ) : null}
    </div>
  );
}

function isUndoing(status: Schemas['Status']): boolean {
  return status === 'cancelling' || status === 'compensating';
}

function fieldsOf(order: Schemas['Order'], action: ActionName): readonly ChangeableField[] {
  if (action === 'restart') return RESTART_FIELDS;
  if (action !== 'retry-with-changes') return [];
  return order.allowed_actions?.find((a) => a.action === action)?.fields ?? [];
}

function NotAllowed({ actions }: { actions: readonly Schemas['AllowedAction'][] }) {
  const explained = actions.filter((a) => a.because !== undefined);
  if (explained.length === 0) return null;
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="What is not possible now, and why">
          <Ellipsis />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="max-w-sm">
        {explained.map(({ action, because }) => (
          <DropdownMenuItem
            key={action}
            disabled
            className="flex-col items-start gap-0 opacity-100!"
          >
            <span className="font-medium">{ACTIONS[action].label}</span>
            <span className="text-muted-foreground text-xs">{because}</span>
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
