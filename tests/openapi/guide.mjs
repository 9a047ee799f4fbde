// guide.mjs PROGRAM PAGE: runs the sh blocks of a Markdown page as they stand, one after another in
// one shell, against a new server; where the next block shows output, it must be that. "…" in what
// is shown stands for anything within its line.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const kBlocksWithin_ms = 90_000;
const kMark = "\u001e"; // ends the output of a block

/** The sh blocks of the page, each with the line that it begins at and the output that is shown. */
export function blocksOf(page) {
  const blocks = [];
  let open; // the block whose end is looked for
  page.split("\n").forEach((line, i) => {
    if (open === undefined && line.startsWith("```")) {
      open = { language: line.slice(3), line: i + 2, lines: [] };
    } else if (open !== undefined && line === "```") {
      const text = open.lines.join("\n");
      if (open.language === "sh") {
        blocks.push({ line: open.line, text });
      } else if (blocks.length > 0) {
        blocks.at(-1).shown ??= text;
      }
      open = undefined;
    } else if (open !== undefined) {
      open.lines.push(line);
    }
  });
  return blocks;
}

/** Whether the output is what is shown. */
export function matches(output, shown) {
  const pattern = shown.split("…").map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${pattern.join(".+")}$`).test(output.replaceAll("\r", "").trim());
}

async function startServer(program, folder) {
  const ready = join(folder, "ready");
  execFileSync("mkfifo", [ready]);
  const server = spawn(
    program,
    ["serve", "--listen", "127.0.0.1:0", "--data", join(folder, "guide.db"), "--ready-file", ready],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  const ended = new Promise((_, reject) => server.once("exit", () => reject(new Error("no server"))));
  const url = await Promise.race([readFile(ready, "utf8"), ended]);
  ended.catch(() => {}); // its end is wanted later
  return { server, url: url.trim() };
}

async function main(program, page) {
  const folder = mkdtempSync(join(tmpdir(), "conveyor-guide-"));
  const blocks = blocksOf(readFileSync(page, "utf8"));
  const { server, url } = await startServer(resolve(program), folder);
  try {
    const script = blocks.map(({ text }) => `${text}\nprintf '${kMark}'\n`).join("");
    const { stdout, stderr, status } = spawnSync("bash", ["-eu"], {
      cwd: folder, input: script, encoding: "utf8", timeout: kBlocksWithin_ms,
      env: { ...process.env, CONVEYOR_SERVER: url },
    });
    const outputs = stdout.split(kMark);
    let wrong = 0;
    blocks.forEach(({ line, shown }, i) => {
      const where = `${page}:${line}`;
      if (i >= outputs.length - 1) {
        if (i === outputs.length - 1) {
          console.log(`${where}: ended with status ${status}:\n${outputs[i]}${stderr}`);
        }
        wrong += 1;
      } else if (shown !== undefined && !matches(outputs[i], shown)) {
        console.log(`${where}: shown:\n${shown}\n${where}: printed:\n${outputs[i]}${stderr}`);
        wrong += 1;
      }
    });
    console.log(`${blocks.length} blocks, ${wrong} wrong`);
    return blocks.length > 0 && wrong === 0 ? 0 : 1;
  } finally {
    server.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) process.exitCode = await main(process.argv[2], process.argv[3]);
