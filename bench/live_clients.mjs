// live_clients.mjs [--idle] URL: 1,000 connected clients of live updates: 900 in `pipeline`, 90 each
// in the room of an order of its own, 10 in `orders`; with --idle in no room. One line when all are
// connected; on SIGTERM one with what came and how late: from the last change of an order to the
// client having its row, in ms.
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

let batches = 0;
let bytes = 0;
let ended = 0;
let resyncs = 0;
const lags = [];

function observe(text) {
  const now = Date.now();
  for (const { event, data } of JSON.parse(text.slice(2))[1].items) {
    if (event === "order:updated") lags.push(now - Date.parse(data.updated_at));
  }
}

function connect(room, observes) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    let text;
    socket.on("error", reject);
    socket.on("close", () => ++ended);
    socket.on("message", (data) => {
      if (data.length === 1 && data[0] === 0x32) return socket.send("3");
      if (data[0] === 0x30) return socket.send("40");
      text = data.toString("latin1", 0, 20);
      if (text.startsWith("40{")) {
        if (!room) return resolve(socket);
        return socket.send(`421["subscribe","${room}"]`);
      }
      if (text.startsWith("431[")) {
        return data.includes('"status":"ok"') ? resolve(socket) : reject(new Error(data.toString()));
      }
      if (text.startsWith('42["resync')) ++resyncs;
      if (!text.startsWith('42["batch"')) return;
      ++batches;
      bytes += data.length;
      if (observes) observe(data.toString());
    });
  });
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
  const some = rooms.slice(i, i + kAtATime);
  await Promise.all(some.map((room, j) => connect(idle ? "" : room, i + j === rooms.length - 1)));
}
console.log(`${rooms.length} clients`);

process.once("SIGTERM", () => {
  lags.sort((a, b) => a - b);
  const at = (share) => (lags.length ? lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] : "-");
  console.log(
    `${batches} batches, ${(bytes / 1e6).toFixed(1)} MB, ${resyncs} resyncs, ${ended} ended; ` +
      `lag of ${lags.length} rows: p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}`,
  );
  process.exit(0);
});
