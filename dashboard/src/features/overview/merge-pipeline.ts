/** Series of one number per second, joined where a later answer goes on from an earlier one. */
import type { Schemas } from '@/shared/api/client';

type Pipeline = Schemas['Pipeline'];

const SECOND_MS = 1_000;
/** Undefined where there is a gap between them, or the server has begun anew. */
export function mergePipeline(
  known: Pipeline,
  fresh: Pipeline,
  seconds: number,
): Pipeline | undefined {
  const knownFirst = Date.parse(known.first_second);
  const freshFirst = Date.parse(fresh.first_second);
  const offset = (freshFirst - knownFirst) / SECOND_MS;
  if (!Number.isInteger(offset) || offset < 0 || offset > known.seconds) return undefined;
  const length = Math.min(seconds, offset + fresh.seconds);
  const dropped = offset + fresh.seconds - length;
  const join = <T>(before: readonly T[], after: readonly T[]): T[] =>
    [...before.slice(0, offset), ...after].slice(dropped);
  const steps = fresh.steps.map((step, index) => {
    const before = known.steps[index]?.series;
    if (!before) return step;
    const series = {
      in: join(before.in, step.series.in),
      out: join(before.out, step.series.out),
      calls: join(before.calls, step.series.calls),
      errors: join(before.errors, step.series.errors),
      p50_ms: join(before.p50_ms, step.series.p50_ms),
      p95_ms: join(before.p95_ms, step.series.p95_ms),
      p99_ms: join(before.p99_ms, step.series.p99_ms),
    };
    return { ...step, series };
  });
  return {
    ...fresh,
    first_second: new Date(knownFirst + dropped * SECOND_MS).toISOString(),
    seconds: length,
    steps,
    series: {
      intake: join(known.series.intake, fresh.series.intake),
      completed: join(known.series.completed, fresh.series.completed),
      undone: join(known.series.undone, fresh.series.undone),
      dead_lettered: join(known.series.dead_lettered, fresh.series.dead_lettered),
    },
  };
}

/** Per second over the last `seconds`, with one decimal below 10, so that its width stays. */
export function perSecond(series: readonly number[], seconds: number): string {
  const some = series.slice(-seconds);
  if (some.length === 0) return '0';
  const rate = some.reduce((sum, n) => sum + n, 0) / some.length;
  if (rate === 0) return '0';
  return rate < 9.95 ? rate.toFixed(1) : String(Math.round(rate));
}

export function grouped<T>(values: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let i = 0; i < values.length; i += size) groups.push(values.slice(i, i + size));
  return groups;
}

/** The mean of every so many values, rounded to hundredths. */
export function means(values: readonly number[], size: number): number[] {
  return grouped(values, size).map(
    (some) => Math.round((100 * some.reduce((sum, n) => sum + n, 0)) / some.length) / 100,
  );
}

/** As many points as a line has room for. */
export function thinned(values: readonly number[], points: number): number[] {
  return means(values, Math.max(1, Math.ceil(values.length / points)));
}
