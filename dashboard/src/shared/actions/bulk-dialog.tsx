import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { act } from '@/shared/actions/act';
import { ACTIONS, type BulkAction } from '@/shared/actions/action-words';
import { BulkPreview, type Candidate } from '@/shared/actions/bulk-preview';
import { BulkProgress } from '@/shared/actions/bulk-progress';
import { client, type Schemas, take } from '@/shared/api/client';
import { rowOf } from '@/shared/api/row-of';
import { type Progress, runAll } from '@/shared/lib/run-all';
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

const AT_A_TIME = 4;

export interface Bulk {
  action: BulkAction;
  orderIds: readonly string[];
}

interface BulkDialogProps extends Bulk {
  onClose: (done: boolean) => void;
}

type Run = Progress<Candidate, Schemas['Order']>;

/** One action on several orders: what it would do, then one by one, with what became of each. */
export function BulkDialog({ action, orderIds, onClose }: BulkDialogProps) {
  const live = useLive();
  const words = ACTIONS[action];
  const [run, setRun] = useState<Run>();
  const [isRunning, setIsRunning] = useState(false);
  const stop = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const preview = useQuery({
    queryKey: ['bulk-preview', action, orderIds],
    queryFn: ({ signal }) => readCandidates(orderIds, action, signal),
    staleTime: 0,
    gcTime: 0,
  });
  const allowed = preview.data?.filter((candidate) => candidate.allowed) ?? [];

  const start = async () => {
    stop.current = new AbortController();
    setIsRunning(true);
    setRun({ total: allowed.length, results: [] });
    const end = await runAll({
      items: allowed,
      atATime: AT_A_TIME,
      signal: stop.current.signal,
      onProgress: setRun,
      work: async ({ order }) => {
        const now = await act({ orderId: order.id, action, version: order.version });
        live.orders.put([rowOf(now)]);
        return now;
      },
    });
    setRun(end);
    setIsRunning(false);
  };

  const close = () => onClose(run !== undefined);
  // Escape in the middle stops, and what became of each is still told.
  const leave = () => (isRunning ? stop.current?.abort() : close());
  return (
    <Dialog open onOpenChange={(open) => !open && leave()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>
            {words.label}: {orderIds.length} {orderIds.length === 1 ? 'order' : 'orders'}
          </DialogTitle>
          <DialogDescription>{words.effect}</DialogDescription>
        </DialogHeader>
        <DialogBody>
          {run ? (
            <BulkProgress run={run} isRunning={isRunning} done={words.done} />
          ) : (
            <BulkPreview
              candidates={preview.data}
              error={preview.error}
              onRetry={() => void preview.refetch()}
            />
          )}
        </DialogBody>
        <DialogFooter>
          {isRunning ? (
            <Button variant="outline" onClick={() => stop.current?.abort()}>
              Stop
            </Button>
          ) : (
            <Button variant="outline" onClick={close}>
              {run ? 'Close' : 'Keep as it is'}
            </Button>
          )}
          {run ? null : (
            <Button
              variant={words.isDestructive ? 'destructive' : 'default'}
              disabled={allowed.length === 0}
              onClick={() => void start()}
            >
              {words.label}
              {preview.data ? ` (${allowed.length})` : ''}
            </Button>
          )}
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}

async function readCandidates(
  ids: readonly string[],
  action: BulkAction,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const read = await runAll({
    items: ids,
    atATime: AT_A_TIME,
    signal,
    onProgress: () => undefined,
    work: (id) => take(client.GET('/v1/orders/{id}', { params: { path: { id } } })),
  });
  return read.results.map(({ outcome }) => {
    if (!outcome.ok) throw outcome.error;
    const order = outcome.value;
    const found = order.allowed_actions?.find((a) => a.action === action);
    return { order, allowed: found?.allowed ?? false, because: found?.because };
  });
}
