import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ChangeForm } from '@/features/order/actions/change-form';
import {
  type ChangeableField,
  changedBy,
  type Draft,
  draftOf,
} from '@/features/order/actions/changes';
import { readContact } from '@/features/order/api/read-order';
import { act } from '@/shared/actions/act';
import { ACTIONS } from '@/shared/actions/action-words';
import type { Schemas } from '@/shared/api/client';
import { isApiError } from '@/shared/api/problem';
import { rowOf } from '@/shared/api/row-of';
import type { ActionName } from '@/shared/domain/vocabulary';
import { usePreferences } from '@/shared/lib/preferences';
import { localiseTimes } from '@/shared/lib/time';
import { serverClock } from '@/shared/live/clock';
import { useLive } from '@/shared/live/hooks';
import { Button } from '@/shared/ui/button';
import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/shared/ui/dialog';
import { DifferenceList } from '@/shared/ui/difference-list';
import { Field } from '@/shared/ui/field';
import { Input } from '@/shared/ui/input';
import { toast } from '@/shared/ui/toast';

interface ActionDialogProps {
  order: Schemas['Order'];
  action: ActionName;
  /** What the server says that it would do to this order. */
  effect: string | undefined;
  fields: readonly ChangeableField[];
  onClose: () => void;
  onDone: () => void;
}

/** What would happen, asked about once. The order is acted on as it was when this was opened. */
export function ActionDialog({
  order,
  action,
  effect,
  fields: fieldsNow,
  onClose,
  onDone,
}: ActionDialogProps) {
  const words = ACTIONS[action];
  const live = useLive();
  const { zone } = usePreferences();
  const [seen] = useState(order);
  const [fields] = useState(fieldsNow);
  const [reason, setReason] = useState('');
  const [reference, setReference] = useState('');
  const changing = useChanges(seen, fields);
  const doing = useMutation({
    mutationFn: () =>
      act({
        orderId: seen.id,
        action,
        version: seen.version,
        reason: reason.trim() || undefined,
        changes: changing.changed?.changes,
        externalReference: reference.trim(),
      }),
    onSuccess: (now) => {
      live.orders.put([rowOf(now)]);
      toast('success', `${words.label}: accepted`);
      onDone();
      onClose();
    },
  });
  const form = useRef<HTMLFormElement>(null);
  const problem = isApiError(doing.error) ? doing.error : undefined;
  useEffect(() => {
    if (!doing.error) return; // else the button has lost the focus as it was pressed
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"], [type="submit"]')?.focus();
  }, [doing.error]);
  const errorAt = (name: string) => problem?.fields.find((f) => f.pointer === `/${name}`)?.detail;
  const isIncomplete =
    (action === 'resolve' && reference.trim() === '') ||
    (action === 'retry-with-changes' && !changing.changed?.changes);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <form
          ref={form}
          className="flex min-h-0 flex-col"
          onSubmit={(event) => {
            event.preventDefault();
            if (!isIncomplete && !doing.isPending) doing.mutate();
          }}
        >
          <DialogHeader>
            <DialogTitle>{words.label}</DialogTitle>
            <DialogDescription data-consequence>
              {effect ? sentence(localiseTimes(effect, serverClock.nowMs(), zone)) : words.effect}
            </DialogDescription>
          </DialogHeader>
          <DialogBody>
            {action === 'resolve' ? (
              <Field
                label="Proof that it was undone by hand"
                hint="The number of the refund or of the credit note"
                error={errorAt('external_reference')}
              >
                {(control) => (
                  <Input
                    {...control}
                    value={reference}
                    onChange={(e) => setReference(e.target.value)}
                  />
                )}
              </Field>
            ) : null}
            {changing.draft ? (
              <ChangeForm
                draft={changing.draft}
                fields={fields}
                errors={problem?.fields ?? []}
                onChange={changing.setDraft}
              />
            ) : null}
            {changing.changed?.changes ? (
              <section className="rounded-md border p-3">
                <h3 className="mb-1.5 font-medium text-xs">What is changed</h3>
                <DifferenceList differences={changing.changed.differences} />
              </section>
            ) : null}
            <Field label="Reason (a code, optional)" error={errorAt('reason')}>
              {(control) => (
                <Input
                  {...control}
                  value={reason}
                  onChange={(event) => setReason(event.target.value)}
                  placeholder="customer-asked"
                  spellCheck={false}
                />
              )}
            </Field>
            {doing.error ? (
              <p role="alert" className="rounded-md bg-bad-soft p-3 text-bad text-sm">
                {problem ? `${problem.title}: ${problem.detail}` : String(doing.error)}
                {problem?.isOffline ? ' It may have been done, or not.' : ''}
              </p>
            ) : null}
          </DialogBody>
          <DialogFooter>
            <Button variant="outline" onClick={onClose}>
              Keep as it is
            </Button>
            <Button
              type="submit"
              variant={words.isDestructive ? 'destructive' : 'default'}
              disabled={isIncomplete || doing.isPending}
            >
              {words.label}
            </Button>
          </DialogFooter>
        </form>
      </DialogContent>
    </Dialog>
  );
}

function sentence(text: string): string {
  const whole = text.startsWith('with ') ? `W${text.slice(1)}` : `It ${text}`;
  return `${whole}${whole.endsWith('.') ? '' : '.'}`;
}

function useChanges(order: Schemas['Order'], fields: readonly ChangeableField[]) {
  const isChanging = fields.length > 0;
  const contact = useQuery({ ...readContact(order.id), enabled: isChanging });
  const before = useMemo(
    () => (contact.data && isChanging ? draftOf(order, contact.data) : undefined),
    [order, contact.data, isChanging],
  );
  const [edited, setDraft] = useState<Draft>();
  const draft = edited ?? before;
  return {
    draft,
    setDraft,
    changed: before && draft ? changedBy(before, draft, fields) : undefined,
  };
}
