// completeness.mjs CONVEYOR ORDERS CLIENTS CUTS [SEED]: whoever follows misses nothing.
//
// CLIENTS clients follow `events` and `orders` through relays while ORDERS orders are placed. Each is
// cut off CUTS times at random; the server is killed once; the relay is stopped once, for so long
// that those who were cut off with it miss more than 10,000 events. In the end every client has seen every event of the
// log, of each order in the sequence of its versions, and as the last row of each order what the
// store has. Exit code 0: all of that holds, and every fault did happen.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { Follow, readEvents, readOrders } from "../../examples/live/follow.ts";
import { placeOrders, setStock, startServer, temporaryFolder } from "./programs.mjs";

const [program, orders, clients, cuts, seed = `${Date.now() % 1_000_000}`] = process.argv.slice(2);
const orderCount = Number(orders);
console.log(`seed ${seed}`);
const kMissedByAll = 1_500; // orders of eight events, while the relay is stopped
const kMethods = ["pm_ok", "pm_ok", "pm_ok", "pm_declined", "pm_async"];

let state = Number(seed) + 1;
const random = () => {
  // Lehmer's generator with the multiplier of Park and Miller (1993).
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Client {
  constructor(port, url) {
    this.port = port;
    this.versions = new Map(); // order: highest version seen
    this.rows = new Map(); // order: the row with the highest version
    this.repeated = 0;
    this.cuts = 0;
    const through = `http://127.0.0.1:${port}`;
    const onError = () => {};
    this.events = new Follow({
      url: through,
      room: "events",
      onItem: ({ data }) => this.takeEvent(data),
      resync: (cursor, signal) => readEvents(url(), cursor, signal, (event) => this.takeEvent(event)),
      onError,
    });
    this.orders = new Follow({
      url: through,
      room: "orders",
      onItem: ({ event, data }) => event === "order:updated" && this.takeRow(data),
      resync: (_, signal) => readOrders(url(), signal, (row) => this.takeRow(row)),
      onError,
    });
    for (const follow of [this.events, this.orders]) {
      follow.socket.on("disconnect", () => ++this.cuts);
    }
  }
  takeEvent({ order_id: id, version }) {
    const last = this.versions.get(id) ?? 0;
    if (version <= last) {
      ++this.repeated;
      return;
    }
    assert.equal(version, last + 1, `${id}: version ${version} behind ${last}`);
    this.versions.set(id, version);
  }
  takeRow(row) {
    if ((this.rows.get(row.id)?.version ?? 0) <= row.version) this.rows.set(row.id, row);
  }
}

const folder = temporaryFolder();
let server = await startServer(program, folder);
const { url, port } = server;
await setStock(url, "sku-1", 1_000_000);
const relay = fork(new URL("relay.mjs", import.meta.url).pathname, [port, clients]);
const { ports } = await new Promise((resolve) => relay.once("message", resolve));
const all = ports.map((at) => new Client(at, () => url));
await Promise.all(
  all.flatMap(({ events, orders: rows }) => [events, rows]).map(
    ({ socket }) => socket.connected || new Promise((resolve) => socket.once("connect", resolve)),
  ),
);
while (all.some(({ events, orders: rows }) => !events.isSubscribed || !rows.isSubscribed)) {
  await sleep(10);
}

// Faults, while orders are placed.
const cutting = (async () => {
  for (let round = 0; round < Number(cuts); ++round) {
    for (const { port: at } of all) {
      relay.send({ cut: at });
      await sleep(random() * 40);
    }
    await sleep(random() * 200);
  }
})();
await placeOrders(url, Math.floor((orderCount - kMissedByAll) / 2), 32, kMethods);
server.child.kill("SIGKILL");
await server.child.ended;
const restarted = startServer(program, folder, port);
const rest = placeOrders(url, Math.ceil((orderCount - kMissedByAll) / 2), 32, kMethods);
server = await restarted;
await rest;
await cutting;
// What is on its way to the other half may fit into the sockets' buffers; this half has to resync.
const cutNow = all.slice(0, Math.ceil(all.length / 2)).map(({ port: at }) => at);
const areCut = new Promise((resolve) => {
  const left = new Set(cutNow);
  relay.on("message", ({ cut, last }) => last && left.delete(cut) && left.size === 0 && resolve());
});
for (const cut of cutNow) relay.send({ cut, last: true });
await areCut;
relay.kill("SIGSTOP");
await placeOrders(url, kMissedByAll, 32, ["pm_ok"]);
relay.kill("SIGCONT");

// The log and the store, once nothing moves any more.
const store = new Map();
for (;;) {
  store.clear();
  await readOrders(url, AbortSignal.timeout(60_000), (row) => store.set(row.id, row));
  const open = [...store.values()].filter(({ status }) => !["completed", "failed", "cancelled"].includes(status));
  if (open.length === 0) break;
  await sleep(200);
}
const log = new Map();
await readEvents(url, undefined, AbortSignal.timeout(60_000), ({ order_id: id, version }) => {
  assert.equal(version, (log.get(id) ?? 0) + 1);
  log.set(id, version);
});
assert.equal(store.size, orderCount);
assert.equal(log.size, orderCount);

const isComplete = ({ versions, rows }) =>
  versions.size === log.size &&
  rows.size === store.size &&
  [...log].every(([id, version]) => versions.get(id) === version) &&
  [...store].every(([id, { version }]) => rows.get(id)?.version === version);
const end = Date.now() + 60_000;
while (!all.every(isComplete) && Date.now() < end) await sleep(100);
for (const [i, client] of all.entries()) {
  const missing = [...log].filter(([id, version]) => client.versions.get(id) !== version);
  assert.deepEqual(missing.slice(0, 5), [], `client ${i}: ${missing.length} orders lack events`);
  for (const [id, row] of store) assert.deepEqual(client.rows.get(id), row, `client ${i}`);
  assert.ok(client.cuts >= Number(cuts), `client ${i} was cut ${client.cuts} times`);
}
const resyncs = all.reduce((sum, { events, orders: rows }) => sum + events.resyncs + rows.resyncs, 0);
assert.ok(resyncs >= cutNow.length, "those who were cut off with the relay had to resync");
const events = [...log.values()].reduce((sum, version) => sum + version, 0);
console.log(
  `${all.length} clients saw ${orderCount} orders with ${events} events; ` +
    `${all.reduce((sum, { cuts: n }) => sum + n, 0)} cuts, ${resyncs} resyncs, ` +
    `${all.reduce((sum, { repeated }) => sum + repeated, 0)} events came again`,
);
for (const { events: a, orders: b } of all) {
  a.close();
  b.close();
}
relay.disconnect();
server.child.kill("SIGTERM");
assert.equal((await server.child.ended).code, 0);
process.exit(0);
