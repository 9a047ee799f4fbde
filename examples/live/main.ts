// node main.ts URL [ROOM]: prints what happens, until Ctrl-C.
import { Follow, readEvents, readOrders } from "./follow.ts";

const [url, room = "orders"] = process.argv.slice(2);
if (!url) {
  console.error("usage: node main.ts URL [ROOM]   (http://127.0.0.1:8080 orders)");
  process.exit(2);
}

const follow = new Follow({
  url,
  room,
  onItem: ({ event, data }) => console.log(event, JSON.stringify(data)),
  resync: (cursor, signal) =>
    room === "events"
      ? readEvents(url, cursor, signal, (event) => console.log("event:created", JSON.stringify(event)))
      : readOrders(url, signal, (order) => console.log("order:updated", JSON.stringify(order))),
  onError: (error) => console.error(String(error)),
});
process.once("SIGINT", () => follow.close());
