import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, OctagonX, ZapOff } from 'lucide-react';
import { readWaitingForPerson } from '@/features/overview/api/attention';
import type { Schemas } from '@/shared/api/client';
import { readGroups } from '@/shared/api/read-groups';
import { fingerprintParts } from '@/shared/domain/fingerprint';
import { words } from '@/shared/domain/vocabulary';
import { Card, CardHeader, CardTitle } from '@/shared/ui/card';
import { Money } from '@/shared/ui/money';
import { Skeleton } from '@/shared/ui/skeleton';
import { ErrorState } from '@/shared/ui/states';
import { StatusBadge } from '@/shared/ui/status-badge';
import { Ago, Countdown, Since } from '@/shared/ui/time';

const GROUPS_SHOWN = 5;

interface AttentionListProps {
  participants: readonly Schemas['ParticipantState'][];
}

/** Whatever a person has to look at, the largest first. */
export function AttentionList({ participants }: AttentionListProps) {
  const groups = useQuery(readGroups);
  const waiting = useQuery(readWaitingForPerson);
  const troubled = participants.filter((p) => p.breaker !== 'closed');
  const error = groups.error ?? waiting.error;
  const isReady = groups.data !== undefined && waiting.data !== undefined;
  const isCalm =
    troubled.length === 0 && groups.data?.data.length === 0 && waiting.data?.data.length === 0;
  return (
    <Card aria-label="Needs attention">
      <CardHeader>
        <CardTitle>Needs attention</CardTitle>
      </CardHeader>
      {!isReady && error ? (
        <ErrorState
          error={error}
          onRetry={() => {
            void groups.refetch();
            void waiting.refetch();
          }}
          className="py-6"
        />
      ) : null}
      {!isReady && !error ? <Skeleton className="m-4 h-16" /> : null}
      {isReady && isCalm ? (
        <p className="flex items-center gap-2 p-4 text-muted-foreground text-sm">
          <CircleCheck className="size-4 text-good" aria-hidden /> Nothing waits for a person.
        </p>
      ) : null}
      <ul className="flex flex-col divide-y">
        {troubled.map((participant) => (
          <BreakerItem key={participant.participant} participant={participant} />
        ))}
        {groups.data?.data.slice(0, GROUPS_SHOWN).map((group) => (
          <GroupItem key={group.fingerprint} group={group} />
        ))}
        {waiting.data?.data.map((order) => (
          <li
            key={order.id}
            className="relative flex items-center gap-2 px-4 py-2 text-sm hover:bg-accent/60"
          >
            <StatusBadge status={order.status} />
            <Link
              to="/orders/$orderId"
              params={{ orderId: order.id }}
              className="min-w-0 flex-1 truncate after:absolute after:inset-0"
            >
              {order.reference ?? `…${order.id.slice(-10)}`}
            </Link>
            <Ago at={order.updated_at} className="text-muted-foreground text-xs" />
          </li>
        ))}
      </ul>
      {waiting.data?.has_more ? (
        <Link
          to="/orders"
          search={{ q: 'status:needs_attention,on_hold' }}
          className="block border-t px-4 py-2 text-primary text-sm hover:underline"
        >
          All that wait for a person
        </Link>
      ) : null}
    </Card>
  );
}

function BreakerItem({ participant }: { participant: Schemas['ParticipantState'] }) {
  const { breaker_since: since, next_probe_at: probe } = participant;
  return (
    <li className="flex items-center gap-2 px-4 py-2 text-sm">
      <ZapOff className="size-4 shrink-0 text-bad" aria-hidden />
      <span className="min-w-0 flex-1">
        {words(participant.participant)} is not being called
        {since ? (
          <>
            {' '}
            for <Since at={since} />
          </>
        ) : null}
      </span>
      {probe ? (
        <span className="text-warn text-xs">
          probe <Countdown until={probe} />
        </span>
      ) : null}
    </li>
  );
}

function GroupItem({ group }: { group: Schemas['DeadLetterGroup'] }) {
  const { participant, step, code } = fingerprintParts(group.fingerprint);
  return (
    <li className="relative flex items-start gap-2 px-4 py-2 text-sm hover:bg-accent/60">
      <OctagonX className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
      <span className="flex min-w-0 flex-1 flex-col">
        <Link
          to="/dead-letters"
          search={{ group: group.fingerprint }}
          className="truncate font-medium after:absolute after:inset-0"
        >
          {words(code)}
        </Link>
        <span className="truncate text-muted-foreground text-xs">
          {words(participant)}, {words(step).toLowerCase()}, last <Ago at={group.last_seen} />
        </span>
        <span className="flex flex-wrap gap-x-3 text-xs">
          {group.money.map((money) =>
            money.total === null ? null : (
              <Money
                key={money.currency}
                minor={money.total}
                currency={money.currency}
                exponent={money.currency_exponent}
              />
            ),
          )}
        </span>
      </span>
      <span className="text-lg tabular-nums leading-6">{group.count.toLocaleString('en-GB')}</span>
    </li>
  );
}
