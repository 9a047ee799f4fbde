// Method: pages as strings; what is run, and that other output than what is shown is noticed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { blocksOf, matches } from "./guide.mjs";

const page = (...lines) => lines.join("\n");

test("each sh block has what is shown behind it", () => {
  const text = page("# A", "```sh", "echo a", "echo b", "```", "so:", "```text", "a", "b", "```",
    "```sh", "true", "```", "```sh", "echo c", "```", "```json", "{}", "```");
  assert.deepEqual(blocksOf(text), [
    { line: 3, text: "echo a\necho b", shown: "a\nb" },
    { line: 12, text: "true" },
    { line: 15, text: "echo c", shown: "{}" },
  ]);
});

test("what stands for anything does so within its line", () => {
  assert.ok(matches('{"id":"ord_1"}\r\n', '{"id":"ord_…"}'));
  assert.ok(!matches('{"id":"ord_"}', '{"id":"ord_…"}'));
  assert.ok(!matches("a\nb", "a…"));
  assert.ok(!matches("axb", "a.b"));
});

function run(...lines) {
  const folder = mkdtempSync(join(tmpdir(), "conveyor-guide-test-"));
  const file = join(folder, "page.md");
  writeFileSync(file, page(...lines));
  const guide = join(import.meta.dirname, "guide.mjs");
  const { stdout, status } = spawnSync(
    process.execPath, [guide, process.env.CONVEYOR_PROGRAM, file], { encoding: "utf8" },
  );
  rmSync(folder, { recursive: true });
  return { said: stdout.replaceAll(file, "page"), status };
}

test("what goes wrong is said by its line", () => {
  const right = ["```sh", 'curl -sS "$CONVEYOR_SERVER/health/live"', "```", "```json",
    '{"status":"live"}', "```"];
  assert.deepEqual(run(...right), { said: "1 blocks, 0 wrong\n", status: 0 });
  const other = run(...right.with(4, '{"status":"dead"}'));
  assert.equal(other.status, 1);
  assert.match(other.said, /^page:2: shown:\n{"status":"dead"}\npage:2: printed:\n{"status":"live"}/);
  const broken = run(...right, "```sh", "false", "```", "```sh", "echo never", "```");
  assert.match(broken.said, /^page:8: ended with status 1:/);
  assert.match(broken.said, /3 blocks, 2 wrong\n$/);
  assert.equal(broken.status, 1);
  assert.equal(run("# Nothing").status, 1);
});
