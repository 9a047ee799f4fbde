// live_clients.mjs [--idle] URL: 1,000 connected clients of live updates: 900 in `pipeline`, 90 each
// in the room of an order of its own, 10 in `orders`; with --idle in no room. In rooms there is one
// more, in `events`, that never reads. A line when all are connected; on SIGTERM one, JSON, with what
// came, how late it was (from the last change of an order to the client having its row, in ms) and
// what became of the one that does not read.
//
// Plain WebSockets that look at next to nothing, so that the clients cost little of the machine.
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

const WebSocket = createRequire(new URL("../examples/live/", import.meta.url))("ws");

const idle = process.argv[2] === "--idle";
const url = process.argv.at(-1);
const kPipeline = 900;
const kOrder = 90;
const kOrders = 10;
const kAtATime = 50;
const kToldWithinMs = 10_000;

let batches = 0;
let bytes = 0;
let cut = 0;
let resyncs = 0;
const lags = [];

function observe(text) {
  const now = Date.now();
  for (const { event, data } of JSON.parse(text.slice(2))[1].items) {
    if (event === "order:updated") lags.push(now - Date.parse(data.updated_at));
  }
}

/** A client in `room`, once it is; `received` is called with each message that comes later. */
function connect(room, received, ended) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    socket.on("error", reject);
    socket.on("close", ended);
    socket.on("message", (data) => {
      const text = data.toString("latin1", 0, 20);
      if (text === "2") return socket.send("3");
      if (text.startsWith("0{")) return socket.send("40");
      if (text.startsWith("40{")) {
        return room ? socket.send(`421["subscribe","${room}"]`) : resolve(socket);
      }
      if (text.startsWith("431[")) {
        return data.includes('"status":"ok"') ? resolve(socket) : reject(new Error(data.toString()));
      }
      received(text, data);
    });
  });
}

function count(text, data, observes) {
  if (text.startsWith('42["resync')) ++resyncs;
  if (!text.startsWith('42["batch"')) return;
  ++batches;
  bytes += data.length;
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
      return connect(idle ? "" : room, received, () => ++cut);
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
    megabytes: Math.round(bytes / 1e6),
    resyncs,
    cut,
    rows: lags.length,
    lag_ms: { p50: at(0.5), p99: at(0.99), most: at(1) },
  };
  if (ask) result.never_reads = await ask();
  console.log(JSON.stringify(result));
  process.exit(0);
});
