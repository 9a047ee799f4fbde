// Programs as child processes, and orders to place, for the tests of this folder.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const children = new Set();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

function start(program, args, options) {
  const child = spawn(program, args, options);
  children.add(child);
  child.ended = new Promise((resolve) =>
    child.once("exit", (code, signal) => {
      children.delete(child);
      resolve({ code, signal });
    }),
  );
  return child;
}

function failed(child, program) {
  return child.ended.then(({ code, signal }) => {
    throw new Error(`${program} ended: ${code ?? signal}`);
  });
}

/** A program of tests/conformance; `port` is where it listens. */
export async function startConformance(program) {
  const child = start(program, ["--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  const port = new Promise((resolve) =>
    createInterface({ input: child.stdout }).once("line", (line) => resolve(Number(line))),
  );
  return { child, port: await Promise.race([port, failed(child, program)]) };
}

/** A folder that goes with the process. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "conveyor-live-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `conveyor serve` on a file, on a free port or a given one. */
export async function startServer(program, folder, port = 0) {
  const child = start(
    program,
    ["serve", "--listen", `127.0.0.1:${port}`, "--data", join(folder, "conveyor.db"),
      "--log-format", "json"],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const lines = createInterface({ input: child.stderr });
  const listening = new Promise((resolve) =>
    lines.on("line", (line) => {
      const at = /"msg":"listening".*127\.0\.0\.1:(\d+)/.exec(line);
      if (at) resolve(Number(at[1]));
    }),
  );
  const at = await Promise.race([listening, failed(child, program)]);
  return { child, port: at, url: `http://127.0.0.1:${at}` };
}

export async function setStock(url, sku, onHand) {
  const answer = await fetch(`${url}/v1/inventory/${sku}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ on_hand: onHand }),
  });
  if (answer.status !== 200) throw new Error(`stock: ${answer.status}`);
}

/** Places one order, again under the same key for as long as the server is away. */
export async function placeOrder(url, paymentMethod = "pm_ok") {
  const request = {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": randomUUID() },
    body: JSON.stringify({
      customer_id: "c1",
      currency: "EUR",
      lines: [{ sku: "sku-1", quantity: 1, unit_price: 500 }],
      ship_to: { name: "A. Buyer", line1: "Main Street 1", city: "Berlin", postal_code: "10115", country: "DE" },
      payment_method: paymentMethod,
    }),
  };
  for (;;) {
    try {
      const answer = await fetch(`${url}/v1/orders`, request);
      if (answer.status === 201) return await answer.json();
      await answer.text();
      if (answer.status < 500 && answer.status !== 429) throw new Error(`orders: ${answer.status}`, { cause: "refused" });
    } catch (error) {
      if (error.cause === "refused") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Places `count` orders, `width` at a time. */
export async function placeOrders(url, count, width = 32, methods = ["pm_ok"]) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const method = methods[next++ % methods.length];
      await placeOrder(url, method);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
}
