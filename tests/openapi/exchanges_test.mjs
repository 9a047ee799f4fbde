// Method: exchanges that are right, each with one thing wrong, must be noticed. PROGRAM is the
// program whose document is used.
import assert from "node:assert/strict";
import test from "node:test";
import { readDocument, operationsOf } from "./document.mjs";
import { ExchangeChecker } from "./exchanges.mjs";

const document = readDocument(process.env.CONVEYOR_PROGRAM);
const kFrame = {
  "request-id": "req_01m8ceyme4eeb9fzqe96amdw2w",
  "x-correlation-id": "c-1",
  traceparent: "00-908de6f93c2b32c8a22791925fc7de18-a6b9256735652760-03",
};

/** The answer that the document shows for an operation, as an exchange. */
function shown(method, path, status, target = path) {
  const { operation } = operationsOf(document).find((o) => o.name === `${method} ${path}`);
  const content = operation.responses[status].content["application/json"];
  const body = content.example ?? Object.values(content.examples)[0].value;
  return {
    method, target, status, request_headers: {}, request_body: "",
    headers: { ...kFrame, "content-type": "application/json", "conveyor-cursor": "ZjYuMA" },
    body: JSON.stringify(body),
  };
}

function placed() {
  const exchange = shown("POST", "/v1/orders", 201);
  delete exchange.headers["conveyor-cursor"];
  exchange.headers.etag = '"1"';
  exchange.headers.location = "/v1/orders/ord_01m8ceyj3qe5g8hw2zw5e1pwy9";
  exchange.request_headers = { "idempotency-key": "key", "content-type": "application/json" };
  exchange.request_body = JSON.stringify(
    document.paths["/v1/orders"].post.requestBody.content["application/json"].examples.order.value,
  );
  return exchange;
}

function problem(code, status, target = "/v1/orders") {
  return {
    method: "GET", target, status, request_headers: {}, request_body: "",
    headers: { ...kFrame, "content-type": "application/problem+json" },
    body: JSON.stringify({ ...document.components.examples[code].value }),
  };
}

/** What is said of the exchange after `change`, which may also change its body. */
function said(exchange, change = () => {}, changeBody = () => {}) {
  const body = JSON.parse(exchange.body);
  changeBody(body);
  exchange.body = JSON.stringify(body);
  change(exchange);
  return new ExchangeChecker(document).check(exchange).join("\n");
}

const page = () => shown("GET", "/v1/orders", 200, "/v1/orders?status=failed,cancelled&limit=2");

test("what is right stays unreported", () => {
  assert.equal(said(page()), "");
  assert.equal(said(placed()), "");
  assert.equal(said(problem("invalid_cursor", 400)), "");
  assert.equal(said(problem("foreign_host", 403)), "");
  assert.equal(said(problem("not_found", 404, "/nothing")), "");
  assert.equal(said(problem("bad_chunk", 400, "")), "");
  assert.equal(said(shown("GET", "/v1/events", 200)), "");
});

test("an answer that does not fit", () => {
  assert.match(said(page(), undefined, (b) => delete b.has_more), /has_more/);
  assert.match(said(page(), undefined, (b) => (b.data[0].surprise = 1)), /surprise/);
  assert.match(said(page(), undefined, (b) => (b.data[0].status = "lost")), /allowed values/);
  assert.match(said(page(), undefined, (b) => (b.data[0].total = 1.5)), /integer/);
  assert.match(said(page(), undefined, (b) => (b.data[0].created_at = "yesterday")), /date-time/);
  const event = (change) => said(shown("GET", "/v1/events", 200), undefined, change);
  assert.match(event((b) => delete b.data[0].data.total), /total/);
  assert.match(event((b) => (b.data[0].type = "OrderLost")), /answer/);
});

test("headers", () => {
  assert.match(said(page(), (e) => delete e.headers["request-id"]), /lacks Request-Id/);
  assert.match(said(page(), (e) => (e.headers.traceparent = "00-1-2-3")), /traceparent/);
  assert.match(said(page(), (e) => (e.headers["x-new"] = "1")), /x-new, which is not documented/);
  assert.match(said(page(), (e) => (e.headers["content-type"] = "text/html")), /text\/html/);
});

test("a status or a code that is not documented", () => {
  assert.match(said(page(), (e) => (e.status = 204)), /not documented/);
  assert.match(said(problem("cursor_ahead", 410)), /answer/);
  assert.match(said(problem("sku_not_found", 404, "/v1/orders/ord_1")), /answer/);
  assert.match(said(problem("invalid_cursor", 422)), /another status/);
});

test("a request that was accepted", () => {
  assert.match(said(page(), (e) => (e.target += "&color=red")), /color, which is not documented/);
  assert.match(said(page(), (e) => (e.target += "&status=lost")), /status/);
  assert.match(said(page(), (e) => (e.target = "/v1/orders?limit=201")), /limit/);
  assert.match(said(page(), (e) => (e.target = "/v1/orders?failing=yes")), /failing/);
  assert.equal(said(page(), (e) => (e.target = "/v1/orders?failing=true")), "");
  assert.match(said(placed(), (e) => delete e.request_headers["idempotency-key"]), /Idempotency/);
  assert.match(said(placed(), (e) => (e.request_body = "")), /without a body/);
  const body = (change) =>
    said(placed(), (e) => {
      const request = JSON.parse(e.request_body);
      change(request);
      e.request_body = JSON.stringify(request);
    });
  assert.match(body((b) => (b.colour = "red")), /colour/);
  assert.match(body((b) => (b.lines = [])), /lines/);
  assert.match(body((b) => (b.lines[0].title = "   ")), /title/);
  assert.match(body((b) => delete b.ship_to.city), /city/);
});

test("what nobody reached", () => {
  const checker = new ExchangeChecker(document);
  const before = checker.unreached();
  assert.ok(before.includes("POST /v1/orders 201 is documented and no test reached it"));
  checker.check(placed());
  checker.check(problem("not_found", 404, "/nothing"));
  const after = checker.unreached();
  assert.equal(after.length, before.length - 2);
});

test("what Engine.IO answers is its own, but not its problems", () => {
  const upgrade = { method: "GET", target: "/socket.io/?EIO=4", status: 101, headers: {}, body: "" };
  assert.equal(new ExchangeChecker(document).check(upgrade).join("\n"), "");
  const refused = problem("order_not_found", 404, "/socket.io/?EIO=4");
  assert.match(said(refused, (exchange) => (exchange.status = 403)), /another status/);
});
