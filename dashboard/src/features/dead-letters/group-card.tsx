import { ChevronDown, ChevronRight, OctagonX, RotateCw, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { readIds } from '@/features/dead-letters/api/read-group';
import { GroupOrders } from '@/features/dead-letters/group-orders';
import type { BulkAction } from '@/shared/actions/action-words';
import type { Bulk } from '@/shared/actions/bulk-dialog';
import type { Schemas } from '@/shared/api/client';
import { isApiError } from '@/shared/api/problem';
import { fingerprintParts } from '@/shared/domain/fingerprint';
import { words } from '@/shared/domain/vocabulary';
import { Button } from '@/shared/ui/button';
import { Card } from '@/shared/ui/card';
import { Money } from '@/shared/ui/money';
import { Ago, Time } from '@/shared/ui/time';

/** Retried first, to see whether the cause is gone. */
const A_FEW = 5;
/** At a time; each is looked at before it is asked for. */
const AT_MOST = 1_000;

const CLASSES: Record<string, string> = {
  transient: 'the participant was in trouble',
  failed: 'it could not do it for this order, for now',
  unknown: 'no answer came in time',
  denied: 'our credentials were refused',
  poison: 'its answer could not be understood',
  rejected: 'it refused',
};

interface GroupCardProps {
  group: Schemas['DeadLetterGroup'];
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
  onBulk: (bulk: Bulk) => void;
}

export function GroupCard({ group, isOpen, onOpen, onBulk }: GroupCardProps) {
  const parts = fingerprintParts(group.fingerprint);
  const because = CLASSES[parts.class];
  return (
    <Card aria-label={words(parts.code)} data-group={group.fingerprint}>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3 p-4">
        <div className="flex min-w-0 flex-1 items-start gap-3 max-sm:basis-full">
          <OctagonX className="mt-0.5 size-5 shrink-0 text-bad" aria-hidden />
          <div className="flex min-w-0 flex-col gap-0.5">
            <h2 className="truncate font-semibold">{words(parts.code)}</h2>
            <p className="text-muted-foreground text-sm">
              {words(parts.participant)} was asked to {words(parts.step).toLowerCase()}
              {because ? `: ${because}` : ''}.
            </p>
            <p className="text-muted-foreground text-xs">
              First <Time at={group.first_seen} />, last <Ago at={group.last_seen} />
            </p>
            <p className="mt-1 text-muted-foreground text-xs">
              No try follows by itself. Retry once the cause is gone; without a decision each is
              undone at its time and ends as failed.
            </p>
          </div>
        </div>
        <div className="text-right max-sm:text-left">
          <p className="text-2xl tabular-nums leading-7 tracking-tight">
            {group.count.toLocaleString('en-GB')}
          </p>
          <Sums money={group.money} />
        </div>
        <GroupActions group={group} onBulk={onBulk} />
      </div>
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => onOpen(!isOpen)}
        className="flex w-full items-center gap-1.5 border-t px-4 py-2 text-left text-muted-foreground text-sm hover:text-foreground"
      >
        {isOpen ? (
          <ChevronDown className="size-4" aria-hidden />
        ) : (
          <ChevronRight className="size-4" aria-hidden />
        )}
        {isOpen ? 'Hide the orders' : 'Show the orders'}
      </button>
      {isOpen ? <GroupOrders fingerprint={group.fingerprint} onBulk={onBulk} /> : null}
    </Card>
  );
}

function Sums({ money }: { money: readonly Schemas['MoneyTotal'][] }) {
  return (
    <p className="flex flex-wrap justify-end gap-x-3 text-sm max-sm:justify-start">
      {money.map(({ currency, currency_exponent, total }) =>
        total === null ? (
          <span key={currency}>{currency}: too much to add up</span>
        ) : (
          <Money key={currency} minor={total} currency={currency} exponent={currency_exponent} />
        ),
      )}
    </p>
  );
}

interface GroupActionsProps {
  group: Schemas['DeadLetterGroup'];
  onBulk: (bulk: Bulk) => void;
}

function GroupActions({ group, onBulk }: GroupActionsProps) {
  const [problem, setProblem] = useState<string>();
  const open = (action: BulkAction, count: number) => {
    setProblem(undefined);
    readIds(group.fingerprint, count).then(
      (orderIds) => onBulk({ action, orderIds }),
      (error: unknown) => setProblem(isApiError(error) ? error.detail : String(error)),
    );
  };
  return (
    <div className="flex min-w-68 flex-wrap items-center gap-2 max-sm:basis-full sm:justify-end">
      <Button onClick={() => open('retry', AT_MOST)}>
        <RotateCw /> {group.count > AT_MOST ? `Retry ${AT_MOST}` : 'Retry all'}
      </Button>
      {group.count > A_FEW ? (
        <Button variant="outline" onClick={() => open('retry', A_FEW)}>
          Retry {A_FEW}
        </Button>
      ) : null}
      <Button variant="outline" className="text-bad" onClick={() => open('compensate', AT_MOST)}>
        <Undo2 /> Undo
      </Button>
      {problem ? (
        <p role="alert" className="basis-full text-bad text-xs">
          {problem}
        </p>
      ) : null}
    </div>
  );
}
