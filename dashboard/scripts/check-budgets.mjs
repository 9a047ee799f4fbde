// Holds what a browser has to load against what it may: the shell, each lazy part, the style sheets.
// Sizes are those of the compressed files of dist/.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KB = 1024;
const BUDGETS = { shell: 140 * KB, route: 70 * KB, css: 12 * KB };

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));

const size = (file) => {
  const zipped = join(dist, `${file}.gz`);
  return statSync(existsSync(zipped) ? zipped : join(dist, file)).size;
};

/** The chunk and what it needs at once. */
function closure(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const other of manifest[name].imports ?? []) closure(other, seen);
  return seen;
}

const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
const shell = closure(entry);
const rows = [
  ['shell', [...shell].reduce((sum, n) => sum + size(manifest[n].file), 0), BUDGETS.shell],
];
for (const [name, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry) continue;
  const own = [...closure(name)].filter((one) => !shell.has(one));
  rows.push([name, own.reduce((sum, n) => sum + size(manifest[n].file), 0), BUDGETS.route]);
}
const styles = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
rows.push(['style sheets', [...styles].reduce((sum, file) => sum + size(file), 0), BUDGETS.css]);

let isOver = false;
for (const [name, bytes, budget] of rows) {
  const over = bytes > budget;
  isOver ||= over;
  console.log(
    `${(bytes / KB).toFixed(1).padStart(7)} of ${budget / KB} KB  ${name}${over ? '  TOO LARGE' : ''}`,
  );
}
process.exitCode = isOver ? 1 : 0;
