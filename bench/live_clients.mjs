// live_clients.mjs [--idle] URL: 1,000 connected clients of live updates: 900 in `pipeline`, 90 each
// in the room of an order of its own, 10 in `orders`; with --idle in no room. In rooms there is one
// more, in `events`, that never reads. A line when all are connected; on SIGTERM one, JSON, with what
// came, how late it was (from the last change of an order to the client having its row, in ms) and
// what became of the one that does not read.
//
// WebSockets that look at the beginning of each message alone and skip the rest, so that the clients
// cost little of the machine.
import { randomUUID } from "node:crypto";
import { connect as open } from "node:net";

const idle = process.argv[2] === "--idle";
const url = process.argv.at(-1);
const kPipeline = 900;
const kOrder = 90;
const kOrders = 10;
const kAtATime = 50;
const kToldWithinMs = 10_000;

let batches = 0;
let totalBytes = 0;
let cut = 0;
let resyncs = 0;
const lags = [];

function observe(text) {
  const now = Date.now();
  for (const { event, data } of JSON.parse(text.slice(2))[1].items) {
    if (event === "order:updated") lags.push(now - Date.parse(data.updated_at));
  }
}

/** What comes on a socket after the upgrade, as frames (RFC 6455, 5.2): the server's are not masked. */
class Frames {
  #header = Buffer.alloc(10);
  #has = 0;
  #left = -1; // of the payload; below 0: the header is not complete
  #opcode = 0;
  #kept = [];
  /** `kept`: of how many bytes of a message `message` is told. */
  constructor(kept, message) {
    this.kept = kept;
    this.message = message;
  }
  push(bytes) {
    for (let at = 0; at < bytes.length || this.#left === 0; ) {
      if (this.#left < 0) {
        this.#header[this.#has++] = bytes[at++];
        this.#begin();
        continue;
      }
      const take = Math.min(this.#left, bytes.length - at);
      const missing = this.kept - this.#kept.reduce((sum, part) => sum + part.length, 0);
      if (missing > 0) this.#kept.push(Buffer.from(bytes.subarray(at, at + Math.min(take, missing))));
      at += take;
      this.#left -= take;
      if (this.#left > 0) continue;
      const kept = Buffer.concat(this.#kept);
      this.#kept = [];
      this.#has = 0;
      this.#left = -1;
      this.message(this.#opcode, kept);
    }
  }
  #begin() {
    if (this.#has < 2) return;
    const short = this.#header[1] & 0x7f;
    const needed = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.#has < needed) return;
    this.#opcode = this.#header[0] & 0x0f;
    if (short < 126) this.#left = short;
    else if (short === 126) this.#left = this.#header.readUInt16BE(2);
    else this.#left = Number(this.#header.readBigUInt64BE(2));
  }
}

const buffer = Buffer.alloc(256 * 1024); // for whatever comes: it is looked at before the next read

/** A client in `room`, once it is; `received` is called with each message that comes later. */
function connect(room, received, ended, kept = 20) {
  return new Promise((resolve, reject) => {
    let upgraded = "";
    const say = (text) => {
      // Masked with zeros, which leaves it as it is.
      const head = [0x81, 0x80 | text.length, 0, 0, 0, 0];
      socket.write(Buffer.concat([Buffer.from(head), Buffer.from(text)]));
    };
    let isIn = false;
    const frames = new Frames(kept, (opcode, data) => {
      if (opcode === 8) return socket.end();
      const text = data.toString("latin1", 0, 20);
      if (text === "2") return say("3");
      if (text.startsWith("0{")) return say("40");
      if (text.startsWith("40{")) {
        if (room) return say(`421["subscribe","${room}"]`);
        return resolve(socket);
      }
      if (text.startsWith("431[") && !isIn) {
        isIn = true;
        if (!text.startsWith('431[{"status":"ok"')) return reject(new Error(data.toString()));
        return resolve(socket);
      }
      received(text, data);
    });
    const callback = (size, bytes) => {
      let from = 0;
      if (upgraded !== undefined) {
        upgraded += bytes.toString("latin1", 0, size);
        const end = upgraded.indexOf("\r\n\r\n");
        if (end < 0) return true;
        if (!upgraded.startsWith("HTTP/1.1 101")) reject(new Error(upgraded));
        from = size - (upgraded.length - end - 4);
        upgraded = undefined;
      }
      totalBytes += size - from;
      frames.push(bytes.subarray(from, size));
      return true;
    };
    const { hostname, port } = new URL(url);
    const socket = open({ host: hostname, port, onread: { buffer, callback } });
    socket.on("error", reject);
    socket.on("close", ended);
    const key = Buffer.from(randomUUID().slice(0, 16)).toString("base64");
    socket.write(
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\n` +
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
        `Sec-WebSocket-Key: ${key}\r\n\r\n`,
    );
  });
}

function count(text, data, observes) {
  if (text.startsWith('42["resync')) ++resyncs;
  if (!text.startsWith('42["batch"')) return;
  ++batches;
  if (observes) observe(data.toString());
}

async function placeOrder() {
  const answer = await fetch(`${url}/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify({
      customer_id: "live",
      currency: "EUR",
      lines: [{ sku: "live", quantity: 1, unit_price: 1 }],
      ship_to: { name: "-", line1: "-", city: "-", postal_code: "1", country: "DE" },
      payment_method: "pm_ok",
    }),
  });
  return (await answer.json()).id;
}

const rooms = [];
for (let i = 0; i < kPipeline; ++i) rooms.push("pipeline");
for (let i = 0; i < kOrder; ++i) rooms.push(idle ? "" : `order:${await placeOrder()}`);
for (let i = 0; i < kOrders; ++i) rooms.push("orders");
for (let i = 0; i < rooms.length; i += kAtATime) {
  await Promise.all(
    rooms.slice(i, i + kAtATime).map((room, j) => {
      const observes = i + j === rooms.length - 1;
      const received = (text, data) => count(text, data, observes);
      return connect(idle ? "" : room, received, () => ++cut, observes ? 1e9 : 20);
    }),
  );
}

/** Subscribes and never reads; asked in the end, what it was told meanwhile. */
async function neverRead() {
  let tell;
  const told = new Promise((resolve) => {
    tell = resolve;
  });
  const received = (text) => text.startsWith('42["resync') && tell("told to resync");
  const socket = await connect("events", received, () => tell("cut"));
  socket.pause();
  return () => {
    setTimeout(() => tell("told nothing"), kToldWithinMs);
    socket.resume();
    return told;
  };
}
const ask = idle ? undefined : await neverRead();
console.log(`${rooms.length} clients`);

process.once("SIGTERM", async () => {
  lags.sort((a, b) => a - b);
  const at = (share) => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))];
  const result = {
    batches,
    megabytes: Math.round(totalBytes / 1e6),
    resyncs,
    cut,
    rows: lags.length,
    lag_ms: { p50: at(0.5), p99: at(0.99), most: at(1) },
  };
  if (ask) result.never_reads = await ask();
  console.log(JSON.stringify(result));
  process.exit(0);
});
