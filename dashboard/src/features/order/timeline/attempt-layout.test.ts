import { describe, expect, it } from 'vitest';
import { type Attempt, layoutAttempts } from '@/features/order/timeline/attempt-layout';

const T0 = Date.parse('2026-11-26T12:00:00.000Z');
const at = (ms: number) => new Date(T0 + ms).toISOString();
const NOW = T0 + 1_000_000;

function attempt(changes: Partial<Attempt>): Attempt {
  return {
    run: 1,
    step: 'authorize_payment',
    generation: 1,
    participant: 'payment',
    action: 'perform',
    key: 'ord_x:1:authorize_payment:1',
    outcome: 'succeeded',
    ...changes,
  };
}

const failed = (startMs: number, durationMs: number, nextMs: number) =>
  attempt({
    outcome: 'failed',
    started_at: at(startMs),
    duration_ms: durationMs,
    next_attempt_at: at(nextMs),
  });
const succeeded = (startMs: number, durationMs: number) =>
  attempt({ started_at: at(startMs), duration_ms: durationMs });

const barsIn = (layout: ReturnType<typeof layoutAttempts>) => layout.lanes.flatMap((l) => l.bars);

describe('layoutAttempts', () => {
  it('has nothing for an order without calls', () => {
    expect(layoutAttempts([], NOW)).toEqual({ lanes: [], cuts: [], ticks: [] });
  });

  it('shows calls and the wait after them to scale', () => {
    const layout = layoutAttempts([failed(0, 100, 500), succeeded(500, 500)], NOW);
    const [call, wait, second] = barsIn(layout);
    expect(layout.lanes).toHaveLength(1);
    expect([call?.kind, wait?.kind, second?.kind]).toEqual(['call', 'back-off', 'call']);
    expect(call?.left).toBe(0);
    expect(call?.width).toBeCloseTo(0.1);
    expect(wait?.left).toBeCloseTo(0.1);
    expect(wait?.width).toBeCloseTo(0.4);
    expect(second?.width).toBeCloseTo(0.5);
  });

  it('gives each key and action a lane of its own', () => {
    const undo = attempt({ action: 'undo', outcome: 'undone', started_at: at(50), duration_ms: 5 });
    const other = attempt({
      generation: 2,
      key: 'ord_x:1:authorize_payment:2',
      started_at: at(99),
    });
    expect(layoutAttempts([succeeded(0, 10), undo, other], NOW).lanes).toHaveLength(3);
  });

  it('lets a call in flight grow until now, and marks what is planned', () => {
    const flight = attempt({ outcome: 'in_flight', started_at: at(0) });
    expect(barsIn(layoutAttempts([flight], T0 + 3_000))[0]).toMatchObject({
      kind: 'in-flight',
      startMs: T0,
      endMs: T0 + 3_000,
      width: 1,
    });
    const planned = attempt({ outcome: 'planned', planned_at: at(4_000) });
    const bars = barsIn(layoutAttempts([failed(0, 0, 4_000), planned], T0 + 1_000));
    expect(bars.at(-1)).toMatchObject({ kind: 'planned', left: 1 });
    expect(barsIn(layoutAttempts([attempt({ outcome: 'planned' })], NOW))).toEqual([]);
  });

  it('cuts a night in which nothing happened, and says how long it was', () => {
    const night = 8 * 3_600_000;
    const layout = layoutAttempts([failed(0, 100, 1_000), succeeded(night, 1_000)], NOW);
    expect(layout.cuts).toHaveLength(1);
    expect(layout.cuts[0]?.durationMs).toBe(night - 1_000);
    const [, wait, second] = barsIn(layout);
    expect(wait?.width).toBeGreaterThan(0.4);
    expect(second?.width).toBeGreaterThan(0.4);
  });

  it('cuts no wait between attempts: it is what people look for', () => {
    expect(layoutAttempts([failed(0, 10, 60_000), succeeded(60_000, 10)], NOW).cuts).toEqual([]);
  });

  it.each([
    ['one instant', [succeeded(0, 0)]],
    ['two instants far apart', [succeeded(0, 0), succeeded(3_600_000, 0)]],
    ['clocks that went back', [succeeded(5_000, 10), succeeded(0, 10)]],
    ['a next try before the end', [failed(0, 500, 100)]],
    [
      'sixty attempts',
      Array.from({ length: 60 }, (_, i) => failed(i * 60_000, 5, (i + 1) * 60_000)),
    ],
    ['many cuts', Array.from({ length: 30 }, (_, i) => succeeded(i * 3_600_000, 5))],
  ])('stays on the axis with %s', (_name, attempts) => {
    const layout = layoutAttempts(attempts, NOW);
    for (const bar of barsIn(layout)) {
      expect(bar.left).toBeGreaterThanOrEqual(0);
      expect(bar.width).toBeGreaterThanOrEqual(0);
      expect(bar.left + bar.width).toBeLessThanOrEqual(1.000_001);
    }
    for (const tick of layout.ticks) {
      expect(tick.left).toBeGreaterThanOrEqual(0);
      expect(tick.left).toBeLessThanOrEqual(1);
    }
    expect(layout.ticks.length).toBeGreaterThan(0);
    expect(layout.ticks.length).toBeLessThan(40);
  });
});
