/** Times as people read them: in a chosen zone, by the server's clock, always with their zone. */

export type Zone = 'local' | 'UTC' | (string & {});

const MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const formats = new Map<string, Intl.DateTimeFormat>();
function formatter(zone: Zone, shape: string): Intl.DateTimeFormat {
  const key = `${zone}/${shape}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone === 'local' ? undefined : zone,
      hourCycle: 'h23',
      ...shapes[shape],
    });
    formats.set(key, found);
  }
  return found;
}

const shapes: Record<string, Intl.DateTimeFormatOptions> = {
  parts: {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  },
  name: { timeZoneName: 'shortOffset' },
};

type Parts = Record<string, string>;

/** What was asked last: a time is mostly wanted in several shapes, and `Intl` is slow. */
let last: { ms: number; zone: Zone; parts: Parts } | undefined;

function partsOf(ms: number, zone: Zone): Parts {
  if (last?.ms === ms && last.zone === zone) return last.parts;
  const parts: Parts = {};
  for (const part of formatter(zone, 'parts').formatToParts(ms)) parts[part.type] = part.value;
  last = { ms, zone, parts };
  return parts;
}

/** `2026-11-26`. */
export function dayOf(ms: number, zone: Zone): string {
  const p = partsOf(ms, zone);
  return `${p.year}-${p.month}-${p.day}`;
}

let lastToday: { minute: number; zone: Zone; day: string } | undefined;

/** dayOf() for whoever asks again and again about now: days begin with whole minutes. */
export function todayOf(nowMs: number, zone: Zone): string {
  const minute = Math.floor(nowMs / MS.minute);
  if (lastToday?.minute !== minute || lastToday.zone !== zone) {
    lastToday = { minute, zone, day: dayOf(nowMs, zone) };
  }
  return lastToday.day;
}

/** `18:04:05`, or with milliseconds. */
export function timeOfDay(ms: number, zone: Zone, withMs = false): string {
  const p = partsOf(ms, zone);
  const seconds = `${p.hour}:${p.minute}:${p.second}`;
  return withMs ? `${seconds}.${p.fractionalSecond}` : seconds;
}

/** The time alone on the day that `nowMs` is on, with the date on others. */
export function shortTime(ms: number, nowMs: number, zone: Zone): string {
  const today = todayOf(nowMs, zone);
  const day = dayOf(ms, zone);
  const time = timeOfDay(ms, zone);
  if (day === today) return time;
  return day.slice(0, 4) === today.slice(0, 4)
    ? `${day.slice(5)} ${time.slice(0, 5)}`
    : `${day} ${time.slice(0, 5)}`;
}

/** Everything: `2026-11-26 18:04:05.123 GMT+1`. */
export function fullTime(ms: number, zone: Zone): string {
  return `${dayOf(ms, zone)} ${timeOfDay(ms, zone, true)} ${zoneName(ms, zone)}`;
}

export function zoneName(ms: number, zone: Zone): string {
  if (zone === 'UTC') return 'UTC';
  const part = formatter(zone, 'name')
    .formatToParts(ms)
    .find((p) => p.type === 'timeZoneName');
  const name = part?.value ?? zone;
  return /^GMT(\+0)?$/.test(name) ? 'UTC' : name;
}

export function isZone(zone: string): boolean {
  if (zone === 'local') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Midnight that began the day of `ms` in the zone, also on days of 23 and 25 hours. */
export function startOfDay(ms: number, zone: Zone): number {
  const day = dayOf(ms, zone);
  let start = ms;
  // Back by what the clock shows; a change of the offset on the way shows as what is left.
  for (let i = 0; i < 3; i += 1) {
    const p = partsOf(start, zone);
    const shown =
      Number(p.hour) * MS.hour +
      Number(p.minute) * MS.minute +
      Number(p.second) * MS.second +
      Number(p.fractionalSecond);
    if (dayOf(start, zone) < day) {
      start += MS.day - shown;
    } else if (shown === 0) {
      break;
    } else {
      start -= shown;
    }
  }
  return start;
}

/** How long, in at most two units: `< 1 ms`, `45 ms`, `3.2 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '–';
  const whole = Math.round(ms);
  if (whole < 1) return '< 1 ms';
  if (whole < MS.second) return `${whole} ms`;
  if (whole < 10 * MS.second) return `${(Math.floor(whole / 100) / 10).toFixed(1)} s`;
  if (whole < MS.minute) return `${Math.floor(whole / MS.second)} s`;
  return twoUnits(whole);
}

function twoUnits(ms: number): string {
  const units: [number, string][] = [
    [MS.day, 'd'],
    [MS.hour, 'h'],
    [MS.minute, 'min'],
    [MS.second, 's'],
  ];
  const first = units.findIndex(([size]) => ms >= size);
  const [size, name] = units[first] ?? [MS.second, 's'];
  const [nextSize, nextName] = units[first + 1] ?? [0, ''];
  const rest = nextSize > 0 ? Math.floor((ms % size) / nextSize) : 0;
  return `${Math.floor(ms / size)} ${name}${rest > 0 ? ` ${rest} ${nextName}` : ''}`;
}

/**
 * What is left until a time, in whole seconds rounded up, so that it never says 0 before it is
 * due: `in 4 s`. Once due it says `now`: when it has happened, the server tells.
 */
export function countdown(untilMs: number, nowMs: number): string {
  const left = untilMs - nowMs;
  if (left <= 0) return 'now';
  return `in ${wholeSeconds(Math.ceil(left / MS.second))}`;
}

/** How long something has lasted, in whole seconds, of which it has at least one. */
export function lasting(ms: number): string {
  return wholeSeconds(Math.max(1, Math.floor(ms / MS.second)));
}

function wholeSeconds(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : twoUnits(seconds * MS.second);
}

/** How long ago, coarse: `just now`, `12 s ago`, `3 h ago`. A future time is `just now`. */
export function ago(ms: number, nowMs: number): string {
  const passed = nowMs - ms;
  if (passed < 2 * MS.second) return 'just now';
  if (passed < MS.minute) return `${Math.floor(passed / MS.second)} s ago`;
  if (passed < MS.hour) return `${Math.floor(passed / MS.minute)} min ago`;
  if (passed < 2 * MS.day) return `${Math.floor(passed / MS.hour)} h ago`;
  return `${Math.floor(passed / MS.day)} d ago`;
}

const TIMESTAMP = /\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** A sentence of the server's, with its UTC times as the reader has chosen them. */
export function localiseTimes(text: string, nowMs: number, zone: Zone): string {
  return text.replace(TIMESTAMP, (stamp) => shortTime(Date.parse(stamp), nowMs, zone));
}
