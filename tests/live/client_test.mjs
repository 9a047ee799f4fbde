// The stock socket.io-client against conformance-socketio and against the server:
//   CONFORMANCE_SOCKETIO=… CONVEYOR=… node --test client_test.mjs
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import { placeOrder, setStock, startConformance, startServer, temporaryFolder } from "./programs.mjs";

// The example's own: one lock file for both.
const { io } = createRequire(new URL("../../examples/live/", import.meta.url))("socket.io-client");

const once = (emitter, event) => new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
const transportsOf = {
  "polling only": ["polling"],
  "WebSocket only": ["websocket"],
  "polling, then upgrade": ["polling", "websocket"],
};

/** Connected, and upgraded if it is to be. */
async function connect(url, transports, options = {}) {
  const socket = io(url, { transports, forceNew: true, ...options });
  const upgraded = new Promise((resolve) => {
    socket.io.once("open", () => {
      if (transports.length === 1) resolve();
      else socket.io.engine.once("upgrade", resolve);
    });
  });
  await once(socket, "connect");
  await upgraded;
  assert.equal(socket.io.engine.transport.name, transports.at(-1));
  return socket;
}

for (const [name, transports] of Object.entries(transportsOf)) {
  describe(`conformance-socketio, ${name}`, () => {
    let program;
    let url;
    before(async () => {
      program = await startConformance(process.env.CONFORMANCE_SOCKETIO);
      url = `http://127.0.0.1:${program.port}/`;
    });
    after(async () => {
      program.child.kill("SIGTERM");
      assert.equal((await program.child.ended).code, 0);
    });

    it("passes auth on", async () => {
      const socket = io(url, { transports, forceNew: true, auth: { token: "123" } });
      assert.deepEqual(await once(socket, "auth"), [{ token: "123" }]);
      socket.disconnect();
    });

    it("echoes text and binary, both ways", async () => {
      const socket = await connect(url, transports);
      socket.emit("message", 1, "2", { 3: [true, null, 1.5] }, "\u20ac");
      assert.deepEqual(await once(socket, "message-back"), [1, "2", { 3: [true, null, 1.5] }, "\u20ac"]);
      const large = Buffer.alloc(100_000, 7);
      socket.emit("message", Buffer.from([1, 2, 3]), { deep: [large] });
      const [small, { deep }] = await once(socket, "message-back");
      assert.deepEqual([...small], [1, 2, 3]);
      assert.ok(large.equals(deep[0]));
      socket.disconnect();
    });

    it("acknowledges, with attachments too, and a time-out is one", async () => {
      const socket = await connect(url, transports);
      const ask = (...args) =>
        new Promise((resolve) => socket.timeout(5_000).emit("message-with-ack", ...args, (...got) => resolve(got)));
      assert.deepEqual(await ask(1, "2", { 3: [false] }), [null, 1, "2", { 3: [false] }]);
      const [error, bytes] = await ask(Buffer.from([9, 8]));
      assert.equal(error, null);
      assert.deepEqual([...bytes], [9, 8]);
      await assert.rejects(socket.timeout(50).emitWithAck("nobody-answers"), /timed out/);
      socket.disconnect();
    });

    it("has two namespaces on one connection, and refuses others", async () => {
      const socket = await connect(url, transports);
      const custom = socket.io.socket("/custom", { auth: { a: 1 } });
      assert.deepEqual(await once(custom, "auth"), [{ a: 1 }]);
      const random = socket.io.socket("/random");
      const [error] = await once(random, "connect_error");
      assert.equal(error.message, "Invalid namespace");
      assert.notEqual(custom.id, socket.id);
      custom.disconnect();
      socket.emit("message", "still here");
      assert.deepEqual(await once(socket, "message-back"), ["still here"]);
      socket.disconnect();
    });

    it("stays connected across heartbeats", async () => {
      const socket = await connect(url, transports);
      let pings = 0;
      socket.io.on("ping", () => ++pings);
      while (pings < 3) await once(socket.io, "ping");
      assert.ok(socket.connected);
      socket.disconnect();
    });
  });

  describe(`conveyor, ${name}`, () => {
    it("brings batches, and goes on after kill -9 of the server", async () => {
      const folder = temporaryFolder();
      let server = await startServer(process.env.CONVEYOR, folder);
      const { url, port } = server;
      await setStock(url, "sku-1", 1_000);
      const socket = await connect(url, transports, { reconnectionDelay: 10, reconnectionDelayMax: 50 });
      const events = [];
      let cursor;
      let waiting;
      socket.on("batch", (batch) => {
        assert.deepEqual(Object.keys(batch).sort(), ["cursor", "items", "room", "server_time"]);
        events.push(...batch.items.map(({ data }) => `${data.order_id} ${data.type}`));
        cursor = batch.cursor;
        waiting?.();
      });
      const hasSeen = async (id) => {
        while (!events.includes(`${id} OrderCompleted`)) {
          await new Promise((resolve) => {
            waiting = resolve;
          });
        }
      };
      assert.equal((await socket.emitWithAck("subscribe", { room: "events" })).status, "ok");
      await hasSeen((await placeOrder(url)).id);

      const lost = once(socket, "disconnect");
      server.child.kill("SIGKILL");
      await lost;
      server = await startServer(process.env.CONVEYOR, folder, port);
      const missed = await placeOrder(url);
      if (!socket.connected) await once(socket, "connect");
      assert.equal((await socket.emitWithAck("subscribe", "events", cursor)).status, "ok");
      await hasSeen(missed.id);
      assert.equal(new Set(events).size, events.length, "nothing came twice");

      const stopped = once(socket, "disconnect");
      server.child.kill("SIGTERM");
      await stopped;
      socket.disconnect();
      assert.equal((await server.child.ended).code, 0);
    });
  });
}
