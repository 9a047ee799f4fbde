/**
 * Attempts as bars on one axis of time: each call, the wait after it, what is planned. Long times
 * in which nothing was done or waited for (held for a day, dead for a night) are cut short, so that
 * what happened keeps its room.
 */
import type { Schemas } from '@/shared/api/client';

export type Attempt = Schemas['Attempt'];

export interface Bar {
  kind: 'call' | 'back-off' | 'planned' | 'in-flight';
  outcome: Attempt['outcome'];
  attempt: Attempt;
  startMs: number;
  endMs: number;
  left: number; // 0 to 1 of the axis
  width: number;
}

export interface Lane {
  key: string;
  run: number;
  step: Attempt['step'];
  action: Attempt['action'];
  generation: number;
  bars: Bar[];
}

export interface Cut {
  left: number;
  width: number;
  durationMs: number;
}

export interface AttemptLayout {
  lanes: Lane[];
  cuts: Cut[];
  ticks: { left: number; ms: number }[];
}

/** A cut takes this share of the axis. */
const CUT_SHARE = 0.04;
/** Idle times of at least this, and this share of the busy time, are cut. */
const CUT_MIN_MS = 2_000;
const CUT_MIN_SHARE = 0.2;
const TICKS = 5;
/** So that orders that took no time at all have an axis. */
const AXIS_MIN_MS = 10;

interface Span {
  startMs: number;
  endMs: number;
}

export function layoutAttempts(attempts: readonly Attempt[], nowMs: number): AttemptLayout {
  const lanes = new Map<string, Lane>();
  for (const attempt of attempts) {
    const bars = barsOf(attempt, nowMs);
    if (bars.length === 0) continue;
    const key = `${attempt.key}:${attempt.action}`;
    const { run, step, action, generation } = attempt;
    const lane = lanes.get(key) ?? { key, run, step, action, generation, bars: [] };
    lane.bars.push(...bars);
    lanes.set(key, lane);
  }
  const all = [...lanes.values()];
  const scale = makeScale(all.flatMap((lane) => lane.bars));
  for (const bar of all.flatMap((lane) => lane.bars)) {
    bar.left = scale.at(bar.startMs);
    bar.width = scale.at(bar.endMs) - bar.left;
  }
  return { lanes: all, cuts: scale.cuts, ticks: scale.ticks };
}

function barsOf(attempt: Attempt, nowMs: number): Bar[] {
  const bar = (kind: Bar['kind'], startMs: number, endMs: number): Bar => ({
    kind,
    outcome: attempt.outcome,
    attempt,
    startMs,
    endMs: Math.max(startMs, endMs),
    left: 0,
    width: 0,
  });
  if (attempt.outcome === 'planned') {
    if (attempt.planned_at === undefined) return [];
    const planned = Date.parse(attempt.planned_at);
    return [bar('planned', planned, planned)];
  }
  const recorded = attempt.recorded_at === undefined ? nowMs : Date.parse(attempt.recorded_at);
  const started = attempt.started_at === undefined ? recorded : Date.parse(attempt.started_at);
  if (attempt.outcome === 'in_flight') return [bar('in-flight', started, nowMs)];
  const ended = started + (attempt.duration_ms ?? 0);
  const bars = [bar('call', started, ended)];
  if (attempt.next_attempt_at !== undefined) {
    bars.push(bar('back-off', ended, Date.parse(attempt.next_attempt_at)));
  }
  return bars;
}

function busySpans(bars: readonly Span[]): Span[] {
  const sorted = [...bars].sort((a, b) => a.startMs - b.startMs);
  const spans: Span[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = spans.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else spans.push({ startMs, endMs });
  }
  return spans;
}

interface Piece extends Span {
  left: number;
  width: number;
  isCut: boolean;
}

function makeScale(bars: readonly Span[]) {
  const spans = busySpans(bars);
  const pieces = piecesOf(spans);
  const at = (ms: number): number => {
    for (const piece of pieces) {
      if (ms <= piece.endMs) {
        const length = piece.endMs - piece.startMs;
        const share = length > 0 ? (ms - piece.startMs) / length : 0;
        return piece.left + Math.min(Math.max(share, 0), 1) * piece.width;
      }
    }
    return 1;
  };
  return {
    at,
    cuts: pieces
      .filter((piece) => piece.isCut)
      .map(({ left, width, startMs, endMs }) => ({ left, width, durationMs: endMs - startMs })),
    ticks: ticksOf(pieces),
  };
}

function piecesOf(spans: readonly Span[]): Piece[] {
  const first = spans[0];
  const last = spans.at(-1);
  if (!first || !last) return [];
  const busy = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const cutFrom = Math.max(CUT_MIN_MS, busy * CUT_MIN_SHARE);
  const raw: (Span & { isCut: boolean })[] = [];
  let from = first.startMs;
  for (let i = 0; i + 1 < spans.length; i += 1) {
    const end = spans[i]?.endMs ?? from;
    const next = spans[i + 1]?.startMs ?? end;
    if (next - end < cutFrom) continue;
    raw.push({ startMs: from, endMs: end, isCut: false });
    raw.push({ startMs: end, endMs: next, isCut: true });
    from = next;
  }
  raw.push({ startMs: from, endMs: Math.max(last.endMs, from), isCut: false });
  return placed(raw);
}

function placed(raw: readonly (Span & { isCut: boolean })[]): Piece[] {
  const cuts = raw.filter((piece) => piece.isCut).length;
  const cutShare = Math.min(CUT_SHARE, 0.4 / Math.max(cuts, 1));
  const shown = raw.filter((piece) => !piece.isCut);
  const lengths = shown.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const floor = Math.max(lengths, AXIS_MIN_MS) * 0.02; // a single instant has a place as well
  const total = shown.reduce(
    (sum, { startMs, endMs }) => sum + Math.max(endMs - startMs, floor),
    0,
  );
  let left = 0;
  return raw.map((piece) => {
    const length = Math.max(piece.endMs - piece.startMs, floor);
    const width = piece.isCut ? cutShare : (length / total) * (1 - cuts * cutShare);
    const result = { ...piece, left, width };
    left += width;
    return result;
  });
}

function ticksOf(pieces: readonly Piece[]): { left: number; ms: number }[] {
  const ticks: { left: number; ms: number }[] = [];
  for (const { startMs, endMs, left, width, isCut } of pieces) {
    if (isCut) continue;
    const count = Math.max(1, Math.round(width * TICKS));
    for (let i = 0; i < count; i += 1) {
      const share = i / count;
      ticks.push({ left: left + share * width, ms: startMs + share * (endMs - startMs) });
    }
  }
  return ticks;
}
