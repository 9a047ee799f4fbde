import { Panel } from '@/features/order/panels/panel';
import type { Schemas } from '@/shared/api/client';
import { words } from '@/shared/domain/vocabulary';
import { CopyButton } from '@/shared/ui/copy-button';

interface KeyUse {
  key: string;
  name: string;
  calls: number;
  repeats: number;
}

/** One operation key, one effect, however often it was called. */
export function keyUses(attempts: readonly Schemas['Attempt'][]): KeyUse[] {
  const uses = new Map<string, KeyUse>();
  for (const attempt of attempts) {
    if (attempt.outcome === 'planned') continue;
    const known = uses.get(attempt.key);
    const use = known ?? { key: attempt.key, name: words(attempt.step), calls: 0, repeats: 0 };
    use.calls += 1;
    if (attempt.action === 'perform' && (attempt.attempt ?? 1) > 1) use.repeats += 1;
    uses.set(attempt.key, use);
  }
  return [...uses.values()];
}

export function KeysPanel({ attempts }: { attempts: readonly Schemas['Attempt'][] }) {
  const uses = keyUses(attempts);
  return (
    <Panel title="Idempotency">
      <p className="mb-2 text-muted-foreground text-xs">
        Placed once: a request that is repeated with its Idempotency-Key gets the same answer, for
        as long as the order exists. Of that key the server keeps a hash only; the request that
        placed the order stands under Trace.
      </p>
      {uses.length === 0 ? (
        <p className="text-muted-foreground">No call was made yet.</p>
      ) : (
        <>
          <p className="mb-2 text-muted-foreground text-xs">
            The keys of this order’s calls to participants. A call that is repeated has the same
            key, so the participant acts once.
          </p>
          <ul className="flex flex-col gap-1">
            {uses.map((use) => (
              <li key={use.key} className="flex items-center gap-2">
                <span className="min-w-0 flex-1 truncate" title={use.key}>
                  {use.name}
                </span>
                <span className="text-muted-foreground text-xs tabular-nums">
                  {use.calls} {use.calls === 1 ? 'call' : 'calls'}
                  {use.repeats > 0 ? `, ${use.repeats} repeated` : ''}
                </span>
                <CopyButton value={use.key} what={`key of ${use.name.toLowerCase()}`} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
