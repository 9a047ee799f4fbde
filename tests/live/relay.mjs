// A relay in a process of its own, so that it can be stopped: one port per client, all to the port
// given. Told over IPC: {cut: port} closes the connections of a port, and is answered once it is done.
import { createServer, connect } from "node:net";

const target = Number(process.argv[2]);
const count = Number(process.argv[3]);
const sockets = new Map();

const listen = () =>
  new Promise((resolve) => {
    const server = createServer((client) => {
      const port = client.localPort;
      const upstream = connect(target, "127.0.0.1");
      const pair = [client, upstream];
      sockets.get(port).add(pair);
      const end = () => {
        sockets.get(port).delete(pair);
        client.destroy();
        upstream.destroy();
      };
      for (const [from, to] of [pair, [upstream, client]]) {
        from.pipe(to);
        from.on("error", end);
        from.on("close", end);
      }
    });
    server.listen(0, "127.0.0.1", () => {
      sockets.set(server.address().port, new Set());
      resolve(server.address().port);
    });
  });

const cut = (port) => {
  for (const pair of sockets.get(port)) for (const socket of pair) socket.destroy();
};
process.on("message", (message) => {
  cut(message.cut);
  process.send(message);
});
process.on("disconnect", () => process.exit(0));

const ports = [];
for (let i = 0; i < count; ++i) ports.push(await listen());
process.send({ ports });
