/**
 * The server's time, however wrong the browser's clock is. Each answer and each live batch bounds
 * the difference; the tightest bound that is not too old is believed.
 *
 * `Date` headers have seconds: one says "between s and s + 1 s". A batch has milliseconds.
 */
export class ServerClock {
  private offsetMs = 0;
  private uncertaintyMs = Number.POSITIVE_INFINITY;
  private measuredAt = 0;
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** Milliseconds since 1970 at the server. */
  nowMs(): number {
    return this.now() + this.offsetMs;
  }

  /** A `Date` header of an answer to what was sent and received at these local times. */
  seen(date: string | null, sentMs: number, receivedMs: number): void {
    if (date === null) return;
    const second = Date.parse(date);
    if (Number.isNaN(second)) return;
    this.consider(second + 500, 500, sentMs, receivedMs);
  }

  /** A time with milliseconds that came just now, at most `ageMs` after it was written. */
  seenExactly(serverMs: number, ageMs = 250): void {
    const received = this.now();
    this.consider(serverMs, 0, received - ageMs, received);
  }

  private consider(
    serverMs: number,
    halfWidthMs: number,
    sentMs: number,
    receivedMs: number,
  ): void {
    const uncertainty = halfWidthMs + (receivedMs - sentMs) / 2;
    const offset = serverMs - (sentMs + receivedMs) / 2;
    const isOld = this.now() - this.measuredAt > ServerClock.believedForMs;
    const contradicts = Math.abs(offset - this.offsetMs) > uncertainty + this.uncertaintyMs;
    if (!isOld && !contradicts && uncertainty > this.uncertaintyMs) return;
    this.offsetMs = offset;
    this.uncertaintyMs = uncertainty;
    this.measuredAt = this.now();
  }

  /** Clocks drift, and laptops sleep. */
  static readonly believedForMs = 60_000;
}

export const serverClock = new ServerClock();
