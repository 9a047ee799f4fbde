import type { Batch, Room, Transport, TransportHandlers } from '@/shared/live/transport';

/** As much of a socket of socket.io-client as is needed here. */
export interface SocketLike {
  connected: boolean;
  connect(): void;
  disconnect(): void;
  onMessage(event: string, listener: (message: unknown) => void): void;
  /** The answer to it; rejects without one. */
  ask(event: string, message: unknown): Promise<unknown>;
}

export type OpenSocket = () => Promise<SocketLike>;

const RETRY_FIRST_MS = 500;
const RETRY_CAP_MS = 10_000;
/** Before a room that could not be joined for now is tried again. */
const JOIN_AGAIN_MS = 1_000;

interface Answer {
  status?: unknown;
  code?: unknown;
}

/** Socket.IO, with reconnecting of our own, so that the page can say when the next try is. */
export class SocketIoTransport implements Transport {
  private readonly open: OpenSocket;
  private socket: SocketLike | undefined;
  private handlers: TransportHandlers | undefined;
  private rooms: () => ReadonlyMap<Room, string | undefined> = () => new Map();
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private run = 0;
  /** So many connections were made. */
  private connects = 0;

  constructor(open: OpenSocket) {
    this.open = open;
  }

  start(handlers: TransportHandlers, rooms: () => ReadonlyMap<Room, string | undefined>): void {
    this.handlers = handlers;
    this.rooms = rooms;
    this.run += 1;
    this.failures = 0;
    handlers.onConnection({ state: 'connecting' });
    void this.connect(this.run);
  }

  stop(): void {
    this.run += 1;
    this.handlers = undefined;
    clearTimeout(this.timer);
    this.socket?.disconnect();
  }

  join(room: Room, cursor: string | undefined): void {
    if (this.socket?.connected) void this.subscribe(this.run, room, cursor);
  }

  leave(room: Room): void {
    if (!this.socket?.connected) return;
    this.socket.ask('unsubscribe', { room }).catch(() => undefined); // gone with the connection
  }

  private async connect(run: number): Promise<void> {
    try {
      this.socket ??= this.listenTo(await this.open());
    } catch {
      if (run === this.run) this.lost(); // the client's own code could not be loaded
      return;
    }
    if (run === this.run) this.socket.connect();
  }

  private listenTo(socket: SocketLike): SocketLike {
    socket.onMessage('connect', () => void this.joinAll(this.run));
    socket.onMessage('disconnect', () => this.lost());
    socket.onMessage('connect_error', () => this.lost());
    socket.onMessage('batch', (message) => {
      const batch = parseBatch(message);
      if (batch) this.handlers?.onBatch(batch);
    });
    socket.onMessage('resync_required', (message) => {
      const room = roomOf(message);
      if (room) this.handlers?.onResync(room);
    });
    return socket;
  }

  private async joinAll(run: number): Promise<void> {
    if (!this.handlers) return;
    this.failures = 0;
    this.connects += 1;
    this.handlers.onConnection({ state: 'catching-up' });
    await Promise.all([...this.rooms()].map(([room, cursor]) => this.subscribe(run, room, cursor)));
    if (run === this.run && this.socket?.connected) {
      this.handlers?.onConnection({ state: 'connected' });
    }
  }

  private async subscribe(run: number, room: Room, cursor: string | undefined): Promise<void> {
    let answer: Answer;
    try {
      const message = cursor === undefined ? { room } : { room, cursor };
      answer = ((await this.socket?.ask('subscribe', message)) ?? {}) as Answer;
    } catch {
      // Lost with its connection, and joined with the next; or the server is busy.
      this.joinLater(run, room, cursor);
      return;
    }
    if (run !== this.run || !this.handlers) return;
    if (answer.status === 'ok') {
      // It begins now: what was read before may be older.
      if (cursor === undefined) this.handlers.onResync(room);
    } else if (answer.status === 'resync_required') {
      this.handlers.onResync(room);
    } else if (answer.code === 'cursor_ahead' || answer.code === 'invalid_cursor') {
      await this.subscribe(run, room, undefined);
    } else if (answer.code === 'unavailable') {
      this.joinLater(run, room, cursor);
    }
  }

  private joinLater(run: number, room: Room, cursor: string | undefined): void {
    const { socket, connects } = this;
    if (!socket?.connected) return;
    setTimeout(() => {
      const isSame = run === this.run && connects === this.connects;
      if (isSame && this.rooms().has(room)) this.join(room, cursor);
    }, JOIN_AGAIN_MS);
  }

  private lost(): void {
    if (!this.handlers) return;
    this.failures += 1;
    const ceiling = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** (this.failures - 1));
    const delay = ceiling / 2 + (Math.random() * ceiling) / 2;
    this.handlers.onConnection({ state: 'waiting', retryAtMs: Date.now() + delay });
    clearTimeout(this.timer);
    const run = this.run;
    this.timer = setTimeout(() => void this.connect(run), delay);
  }
}

function roomOf(message: unknown): Room | undefined {
  if (typeof message !== 'object' || message === null || !('room' in message)) return undefined;
  return typeof message.room === 'string' ? (message.room as Room) : undefined;
}

/** What the server sends is typed by its document; only the frame of it is looked at here. */
function parseBatch(message: unknown): Batch | undefined {
  const room = roomOf(message);
  if (room === undefined) return undefined;
  const { cursor, server_time, items } = message as Record<string, unknown>;
  if (typeof cursor !== 'string' || typeof server_time !== 'string' || !Array.isArray(items)) {
    return undefined;
  }
  return { room, cursor, serverTimeMs: Date.parse(server_time), items };
}
