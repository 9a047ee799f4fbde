import type { Difference } from '@/shared/lib/json-diff';

/** Place by place: what it was, what it is. */
export function DifferenceList({ differences }: { differences: readonly Difference[] }) {
  return (
    <ul aria-label="Differences" className="flex flex-col gap-0.5 font-mono text-xs">
      {differences.map((difference) => (
        <li key={difference.pointer} className="flex flex-wrap gap-x-2 break-all">
          <span className="text-muted-foreground">{difference.pointer}</span>
          <span>
            {difference.kind === 'added' ? null : (
              <del className="bg-bad-soft px-1 text-bad">{JSON.stringify(difference.from)}</del>
            )}
            {difference.kind === 'changed' ? ' ' : null}
            {difference.kind === 'removed' ? null : (
              <ins className="bg-good-soft px-1 text-good no-underline">
                {JSON.stringify(difference.to)}
              </ins>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
