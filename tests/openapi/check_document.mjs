// check_document.mjs PROGRAM: the document by itself: redocly's rules, and every example against its
// schema. Warnings are shown; errors fail.
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { at, complaint, escaped, makeValidators, operationsOf, readDocument, resolved } from "./document.mjs";

const document = readDocument(process.argv[2]);

async function lint() {
  const config = await createConfig({ extends: ["recommended-strict"], rules: kExceptions });
  const problems = await lintFromString({
    source: JSON.stringify(document, null, 2),
    absoluteRef: "/openapi.json",
    config,
  });
  return problems.map(({ severity, ruleId, message, location }) => {
    return `redocly: ${severity}: ${ruleId}: ${message} (${location[0].pointer})`;
  });
}

// Rules of redocly that do not fit, each with why.
const kExceptions = {
  "operation-4xx-response": "off", // liveness and the like are refused only as `default` says
};

/** Complaints about the examples of a media type, parameter or header at `pointer`. */
function checkExamples(validator, value, pointer) {
  const complaints = [];
  const examples = Object.entries(value.examples ?? {}).map(([name, reference]) => {
    return [name, resolved(document, reference).value.value];
  });
  if (value.example !== undefined) examples.push(["example", value.example]);
  for (const [name, example] of examples) {
    const validate = validator(`${pointer}/schema`);
    if (!validate(example)) complaints.push(`${pointer} ${name}: ${complaint(validate)}`);
  }
  return { complaints, count: examples.length };
}

/** The examples within schemas, wherever they stand. */
function checkSchemaExamples(validator, value, pointer) {
  const all = { complaints: [], count: 0 };
  if (value === null || typeof value !== "object") return all;
  for (const example of Array.isArray(value.examples) ? value.examples : []) {
    all.count += 1;
    const validate = validator(pointer);
    if (!validate(example)) all.complaints.push(`${pointer}: ${complaint(validate)}`);
  }
  for (const [name, inner] of Object.entries(value)) {
    const found = checkSchemaExamples(validator, inner, `${pointer}/${escaped(name)}`);
    all.complaints.push(...found.complaints);
    all.count += found.count;
  }
  return all;
}

/** Pointers to all that may have examples. */
function* placesOfExamples() {
  for (const kind of ["parameters", "headers"]) {
    for (const name of Object.keys(document.components[kind])) yield `#/components/${kind}/${name}`;
  }
  for (const { operation, pointer } of operationsOf(document)) {
    for (const i of operation.parameters.keys()) yield `${pointer}/parameters/${i}`;
    for (const type of Object.keys(operation.requestBody?.content ?? {})) {
      yield `${pointer}/requestBody/content/${escaped(type)}`;
    }
    for (const [status, reference] of Object.entries(operation.responses)) {
      const response = resolved(document, reference, `${pointer}/responses/${status}`);
      for (const type of Object.keys(response.value.content)) {
        yield `${response.pointer}/content/${escaped(type)}`;
      }
    }
  }
}

const complaints = await lint();
const validator = makeValidators(document);
let count = 0;
for (const place of new Set(placesOfExamples())) {
  const { value, pointer } = resolved(document, at(document, place), place);
  const found = checkExamples(validator, value, pointer);
  complaints.push(...found.complaints);
  count += found.count;
}
const inSchemas = checkSchemaExamples(validator, document.components.schemas, "#/components/schemas");
complaints.push(...inSchemas.complaints);
count += inSchemas.count;

for (const text of complaints) console.log(text);
const lines = Object.keys(document.paths).length;
console.log(`${lines} paths, ${count} examples, ${complaints.length} complaints`);
process.exitCode = count > 0 && complaints.length === 0 ? 0 : 1;
