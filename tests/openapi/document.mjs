// The OpenAPI document as the program prints it, and what the checks ask of it.
import { execFileSync } from "node:child_process";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const kMethods = ["get", "put", "post", "delete", "patch"];

export function readDocument(program) {
  return JSON.parse(execFileSync(program, ["openapi"], { encoding: "utf8", maxBuffer: 1 << 26 }));
}

/** One segment of a JSON pointer. */
export const escaped = (name) => name.replaceAll("~", "~0").replaceAll("/", "~1");

/** The value at a pointer such as "#/components/headers/ETag". */
export function at(document, pointer) {
  return pointer
    .slice(2)
    .split("/")
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((value, name) => value?.[name], document);
}

/** `value` with the pointer where it stands: its own, or that of what it refers to. */
export function resolved(document, value, pointer) {
  while (value?.$ref !== undefined) {
    pointer = value.$ref;
    value = at(document, pointer);
  }
  return { value, pointer };
}

/** Every operation with its method, path, pointer and, for matching, the path's segments. */
export function operationsOf(document) {
  const operations = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of kMethods) {
      if (item[method] === undefined) continue;
      operations.push({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        segments: path.split("/"),
        operation: item[method],
        pointer: `#/paths/${escaped(path)}/${method}`,
      });
    }
  }
  return operations;
}

/**
 * Answers may get new members, so their schemas are open to clients. The checks close them: a
 * member that the document does not know is a mistake of the document.
 */
function close(value) {
  if (Array.isArray(value)) return value.map(close);
  if (value === null || typeof value !== "object") return value;
  const out = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, close(v)]));
  if (out.type === "object" && out.properties !== undefined) out.additionalProperties ??= false;
  return out;
}

/** A function from a pointer to a schema of the document to its validator. */
export function makeValidators(document) {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: true });
  addFormats(ajv);
  ajv.addSchema(close(document), "document");
  const known = new Map();
  return (pointer) => {
    if (!known.has(pointer)) known.set(pointer, ajv.compile({ $ref: `document${pointer}` }));
    return known.get(pointer);
  };
}

/** What a validator found, in one line; of a union what is wrong with the branch that came closest. */
export function complaint(validate) {
  const errors = validate.errors ?? [];
  const far = Math.max(0, ...errors.map((e) => e.instancePath.split("/").length));
  const worst = errors.filter((e) => e.instancePath.split("/").length === far && e.keyword !== "const");
  return (worst.length > 0 ? worst : errors)
    .slice(0, 3)
    .map((e) => {
      const what = e.params.additionalProperty ?? e.params.allowedValues ?? e.params.allowedValue ?? "";
      return `${e.instancePath || "/"} ${e.message} ${what}`.trim();
    })
    .join("; ");
}
