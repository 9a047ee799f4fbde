// check_exchanges.mjs PROGRAM FOLDER: every exchange in FOLDER/*.jsonl against the document.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readDocument } from "./document.mjs";
import { ExchangeChecker } from "./exchanges.mjs";

const kShown = 50;

const [program, folder] = process.argv.slice(2);
const checker = new ExchangeChecker(readDocument(program));
const complaints = new Map(); // to how often
let count = 0;
const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
for (const file of files) {
  const lines = readFileSync(join(folder, file), "utf8").split("\n");
  lines.pop(); // "", or what a server was killed over
  for (const line of lines) {
    count += 1;
    const exchange = JSON.parse(line);
    for (const text of checker.check(exchange)) {
      const where = exchange.target ? exchange.target.split("?")[0] : "(no request)";
      const said = `${file}: ${exchange.method} ${where} ${exchange.status}: ${text}`;
      complaints.set(said, (complaints.get(said) ?? 0) + 1);
    }
  }
}
for (const text of checker.unreached()) complaints.set(text, 1);
for (const [text, times] of [...complaints].slice(0, kShown)) {
  console.log(times > 1 ? `${text} (${times} times)` : text);
}
if (complaints.size > kShown) console.log(`… and ${complaints.size - kShown} more`);
console.log(`${count} exchanges of ${files.length} tests, ${complaints.size} complaints`);
process.exitCode = count > 0 && complaints.size === 0 ? 0 : 1;
