/** One after the other, a few at a time; each ends by itself, and the rest can be stopped. */
export interface Progress<T, R> {
  total: number;
  results: readonly { item: T; outcome: Outcome<R> }[];
}

export type Outcome<R> = { ok: true; value: R } | { ok: false; error: unknown };

export interface RunOptions<T, R> {
  items: readonly T[];
  work: (item: T) => Promise<R>;
  atATime: number;
  signal: AbortSignal;
  onProgress: (progress: Progress<T, R>) => void;
}

export async function runAll<T, R>(options: RunOptions<T, R>): Promise<Progress<T, R>> {
  const { items, work, atATime, signal, onProgress } = options;
  const results: { item: T; outcome: Outcome<R> }[] = [];
  let next = 0;
  const progress = () => ({ total: items.length, results: [...results] });
  const worker = async () => {
    while (next < items.length && !signal.aborted) {
      const item = items[next];
      next += 1;
      if (item === undefined) continue;
      let outcome: Outcome<R>;
      try {
        outcome = { ok: true, value: await work(item) };
      } catch (error) {
        outcome = { ok: false, error };
      }
      results.push({ item, outcome });
      onProgress(progress());
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return progress();
}
