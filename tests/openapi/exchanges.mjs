// Holds recorded HTTP exchanges against the OpenAPI document: answers, requests that were accepted,
// and that everything that is documented was reached.
import { at, complaint, makeValidators, operationsOf, resolved, escaped } from "./document.mjs";

// Of every answer, whatever its route: HTTP's own, and those that say how to treat the body.
const kGenericHeaders = new Set([
  "content-type", "content-length", "transfer-encoding", "connection", "date", "cache-control",
  "x-content-type-options",
]);
// Engine.IO, a protocol of its own with tests of its own (docs/live.md): of what is answered there
// only problems are this document's.
const kEngineIo = "/socket.io/";
const kAnyProblem = "#/components/responses/AnyProblem";
const kProblem = "#/components/schemas/Problem";

function isEngineIo({ target, headers }) {
  const isProblem = headers["content-type"]?.startsWith("application/problem+json");
  return target !== undefined && target.split("?")[0] === kEngineIo && !isProblem;
}

/** "3" is 3 for integers, "true" is true for booleans, "a,b" is ["a", "b"] for arrays. */
function typed(document, schema, texts) {
  const { value } = resolved(document, schema);
  if (value.type === "array") return texts.flatMap((text) => text.split(","));
  if (value.type === "integer" && /^-?[0-9]+$/.test(texts[0])) return Number(texts[0]);
  if (value.type === "boolean" && /^(true|false)$/.test(texts[0])) return texts[0] === "true";
  return texts[0];
}

function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

export class ExchangeChecker {
  constructor(document) {
    this.document = document;
    this.operations = operationsOf(document);
    this.validator = makeValidators(document);
    this.statuses = new Map(); // of problem codes
    for (const code of document.components.schemas.ProblemCode.oneOf) {
      this.statuses.set(code.const, code["x-status"]);
    }
    this.reached = new Set(); // "POST /v1/orders 201"
    this.codes = new Set();
  }

  /** Everything that is wrong with one exchange, in words. */
  check(exchange) {
    if (isEngineIo(exchange)) return [];
    const found = this.find(exchange);
    if (found === undefined) return this.checkAnyProblem(exchange);
    const { operation, captured } = found;
    this.reached.add(`${operation.name} ${exchange.status}`);
    const documented = operation.operation.responses[exchange.status];
    const response = resolved(
      this.document,
      documented ?? operation.operation.responses.default,
      `${operation.pointer}/responses/${exchange.status}`,
    );
    const complaints = this.checkResponse(exchange, response);
    if (exchange.status < 300) {
      complaints.push(...this.checkParameters(exchange, operation, captured));
      complaints.push(...this.checkRequestBody(exchange, operation));
    }
    return complaints;
  }

  /** Documented statuses of operations, and problem codes, that no exchange had. */
  unreached() {
    const missing = [];
    for (const { name, operation } of this.operations) {
      for (const status of Object.keys(operation.responses)) {
        if (status !== "default" && !this.reached.has(`${name} ${status}`)) {
          missing.push(`${name} ${status} is documented and no test reached it`);
        }
      }
    }
    for (const code of this.statuses.keys()) {
      if (!this.codes.has(code)) missing.push(`${code} is documented and no test reached it`);
    }
    return missing;
  }

  /** The operation of a request, a literal segment before a captured one. */
  find({ method, target }) {
    if (!target) return undefined;
    const segments = target.split("?")[0].split("/");
    const wanted = method === "HEAD" ? "GET" : method;
    let best;
    for (const operation of this.operations) {
      if (operation.method !== wanted || operation.segments.length !== segments.length) continue;
      const captured = {};
      const fits = operation.segments.every((segment, i) => {
        if (!segment.startsWith("{")) return segment === segments[i];
        captured[segment.slice(1, -1)] = segments[i];
        return segments[i] !== "";
      });
      const count = Object.keys(captured).length;
      if (fits && (best === undefined || count < best.count)) best = { operation, captured, count };
    }
    return best;
  }

  /** What has no operation, or was refused before it was a request. */
  checkAnyProblem(exchange) {
    if (exchange.target) {
      const response = resolved(this.document, at(this.document, kAnyProblem), kAnyProblem);
      return this.checkResponse(exchange, response);
    }
    return this.checkBody(exchange, "application/problem+json", kProblem);
  }

  checkResponse(exchange, { value: response, pointer }) {
    const complaints = this.checkHeaders(exchange, response);
    const type = exchange.headers["content-type"]?.split(";")[0];
    if (response.content?.[type] === undefined) {
      complaints.push(`an answer of type ${type} is not documented`);
    } else {
      complaints.push(
        ...this.checkBody(exchange, type, `${pointer}/content/${escaped(type)}/schema`),
      );
    }
    return complaints;
  }

  checkBody(exchange, type, pointer) {
    if (exchange.method === "HEAD" && exchange.body === "") return [];
    const body = type.endsWith("json") ? parsed(exchange.body) : { value: exchange.body };
    if (body === undefined) return ["the answer is no JSON"];
    const complaints = [];
    if (type === "application/problem+json") {
      this.codes.add(body.value.code);
      if (body.value.status !== exchange.status) complaints.push("the problem has another status");
      if (this.statuses.get(body.value.code) !== exchange.status) {
        complaints.push(`${body.value.code} is documented with another status`);
      }
    }
    const validate = this.validator(pointer);
    if (!validate(body.value)) complaints.push(`answer: ${complaint(validate)}`);
    return complaints;
  }

  checkHeaders(exchange, response) {
    const complaints = [];
    const documented = new Set(kGenericHeaders);
    for (const [name, reference] of Object.entries(response.headers ?? {})) {
      const { value: header, pointer } = resolved(this.document, reference);
      documented.add(name.toLowerCase());
      const text = exchange.headers[name.toLowerCase()];
      if (text === undefined) {
        if (header.required) complaints.push(`the answer lacks ${name}`);
        continue;
      }
      const validate = this.validator(`${pointer}/schema`);
      if (!validate(typed(this.document, header.schema, [text]))) {
        complaints.push(`${name} ${text}: ${complaint(validate)}`);
      }
    }
    for (const name of Object.keys(exchange.headers)) {
      if (!documented.has(name)) complaints.push(`the answer has ${name}, which is not documented`);
    }
    return complaints;
  }

  checkParameters(exchange, { operation, pointer }, captured) {
    const complaints = [];
    const query = new URLSearchParams(exchange.target.split("?")[1] ?? "");
    const unknown = new Set(query.keys());
    operation.parameters.forEach((reference, i) => {
      const { value: parameter, pointer: where } = resolved(
        this.document, reference, `${pointer}/parameters/${i}`,
      );
      unknown.delete(parameter.in === "query" ? parameter.name : undefined);
      const texts = {
        query: () => query.getAll(parameter.name),
        path: () => [decodeURIComponent(captured[parameter.name])],
        header: () => [exchange.request_headers[parameter.name.toLowerCase()] ?? []].flat(),
      }[parameter.in]();
      if (texts.length === 0) {
        if (parameter.required) complaints.push(`accepted without ${parameter.name}`);
        return;
      }
      const validate = this.validator(`${where}/schema`);
      if (!validate(typed(this.document, parameter.schema, texts))) {
        complaints.push(`accepted with ${parameter.name}=${texts}: ${complaint(validate)}`);
      }
    });
    for (const name of unknown) complaints.push(`accepted with ${name}, which is not documented`);
    return complaints;
  }

  checkRequestBody(exchange, { operation, pointer }) {
    const documented = operation.requestBody;
    if (exchange.request_body === "") {
      return documented?.required ? ["accepted without a body"] : [];
    }
    if (documented === undefined) return [];
    const body = parsed(exchange.request_body);
    if (body === undefined) return ["accepted with a body that is no JSON"];
    const validate = this.validator(`${pointer}/requestBody/content/application~1json/schema`);
    return validate(body.value) ? [] : [`accepted with a body: ${complaint(validate)}`];
  }
}
