// Follow: one room of Conveyor's live updates, without missing anything (docs/live.md).
//
// A connection that is lost is taken up again behind the last batch. Whoever has missed too much is
// told to resync: what lies between is then read from the API. Batches that come meanwhile are held
// until that is done, so that of each order everything comes in its sequence, and the cursor stays
// where it was, so that a connection lost in the middle begins the resync again. Delivery is at least
// once: handlers see some things twice, and then with a version that they know.
import { io, type Socket } from "socket.io-client";

export interface Item {
  event: string;
  data: Record<string, unknown>;
}

interface Batch {
  room: string;
  cursor: string;
  server_time: string;
  items: Item[];
}

interface Answer {
  status: "ok" | "resync_required" | "error";
  cursor?: string;
  code?: string;
}

export interface Options {
  url: string;
  room: string;
  /** Every item of every batch; an item is handled before the cursor moves past it. */
  onItem(item: Item): void;
  /**
   * Reads again what is shown, from `cursor` on (absent: from the beginning), and returns the cursor
   * that it has reached. `signal` says when nobody wants it any more.
   */
  resync(cursor: string | undefined, signal: AbortSignal): Promise<string>;
  onError?(error: unknown): void;
  cursor?: string;
  transports?: string[];
}

const kAckTimeoutMs = 10_000;
/** Items of batches that wait for a resync; with more, it goes on from where it ends. */
const kMaxHeld = 100_000;
const kRetryMs = 500;

export class Follow {
  readonly socket: Socket;
  resyncs = 0;
  /** Whether batches come on the connection as it is. */
  isSubscribed = false;
  private readonly options: Options;
  private cursor: string | undefined;
  private resyncing: AbortController | undefined;
  private held: Item[] = [];
  private heldTooMuch = false;

  constructor(options: Options) {
    this.options = options;
    this.cursor = options.cursor;
    this.socket = io(options.url, {
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 1_000,
      ...(options.transports && { transports: options.transports }),
    });
    this.socket.on("connect", () => void this.subscribe());
    this.socket.on("disconnect", () => {
      this.isSubscribed = false;
      this.giveUpResync();
    });
    this.socket.on("batch", (batch: Batch) => {
      if (batch.room === options.room) this.take(batch);
    });
    this.socket.on("resync_required", (notice: { room: string }) => {
      if (notice.room === options.room) void this.resync();
    });
  }

  close(): void {
    this.giveUpResync();
    this.socket.disconnect();
  }

  private async subscribe(): Promise<void> {
    const id = this.socket.id;
    const request = { room: this.options.room, ...(this.cursor && { cursor: this.cursor }) };
    let answer: Answer;
    try {
      answer = await this.socket.timeout(kAckTimeoutMs).emitWithAck("subscribe", request);
    } catch {
      // A server that does not answer is one that is lost, unless the connection is another by now.
      if (this.socket.id === id) this.socket.disconnect().connect();
      return;
    }
    this.isSubscribed = answer.status !== "error";
    if (answer.status === "resync_required") return this.resync();
    if (answer.status === "ok") {
      this.cursor ??= answer.cursor;
      return;
    }
    if (answer.code === "cursor_ahead") {
      this.cursor = undefined; // another store, or an older copy of this one: begin again
      return this.resync();
    }
    this.options.onError?.(new Error(`subscribe: ${answer.code}`));
    if (answer.code === "unavailable") setTimeout(() => void this.subscribe(), kRetryMs);
  }

  private take(batch: Batch): void {
    if (this.resyncing) {
      this.heldTooMuch ||= this.held.length + batch.items.length > kMaxHeld;
      if (!this.heldTooMuch) this.held.push(...batch.items);
      return;
    }
    for (const item of batch.items) this.options.onItem(item);
    this.cursor = batch.cursor;
  }

  private giveUpResync(): void {
    this.resyncing?.abort();
    this.resyncing = undefined;
    this.held = [];
    this.heldTooMuch = false;
  }

  private async resync(): Promise<void> {
    this.giveUpResync();
    const mine = new AbortController();
    this.resyncing = mine;
    this.resyncs += 1;
    while (!mine.signal.aborted) {
      try {
        const reached = await this.options.resync(this.cursor, mine.signal);
        if (mine.signal.aborted) return;
        this.cursor = reached;
        if (this.heldTooMuch) {
          this.held = [];
          this.heldTooMuch = false;
          continue;
        }
        const held = this.held;
        this.giveUpResync();
        for (const item of held) this.options.onItem(item);
        return;
      } catch (error) {
        if (mine.signal.aborted) return;
        this.options.onError?.(error);
        await new Promise((resolve) => setTimeout(resolve, kRetryMs));
      }
    }
  }
}

/** Every event from `cursor` on, page by page, and where that ends: a resync of the room `events`. */
export async function readEvents(
  url: string,
  cursor: string | undefined,
  signal: AbortSignal,
  onEvent: (event: Record<string, unknown>) => void,
): Promise<string> {
  for (let after = cursor; ; ) {
    const query = after ? `&after=${encodeURIComponent(after)}` : "";
    const answer = await fetch(`${url}/v1/events?limit=200${query}`, { signal });
    if (!answer.ok) throw new Error(`events: ${answer.status}`);
    const page = (await answer.json()) as {
      data: Record<string, unknown>[];
      next_cursor: string;
      has_more: boolean;
    };
    for (const event of page.data) onEvent(event);
    after = page.next_cursor;
    if (!page.has_more) return after;
  }
}

/** Every order as it is, newest first, and the feed's place that the first page reflects. */
export async function readOrders(
  url: string,
  signal: AbortSignal,
  onOrder: (order: Record<string, unknown>) => void,
): Promise<string> {
  let began: string | undefined;
  for (let cursor = ""; ; ) {
    const query = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const answer = await fetch(`${url}/v1/orders?limit=200${query}`, { signal });
    if (!answer.ok) throw new Error(`orders: ${answer.status}`);
    began ??= answer.headers.get("conveyor-cursor") ?? "";
    const page = (await answer.json()) as {
      data: Record<string, unknown>[];
      next_cursor: string | null;
      has_more: boolean;
    };
    for (const order of page.data) onOrder(order);
    if (!page.has_more || !page.next_cursor) return began;
    cursor = page.next_cursor;
  }
}
