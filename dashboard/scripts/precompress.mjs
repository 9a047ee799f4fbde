// Puts a compressed copy beside each file of dist/ that gets smaller by it; the program serves both.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!statSync(path).isFile() || /\.(woff2|gz)$/.test(name) || /(^|\/)\./.test(name)) continue;
  const content = readFileSync(path);
  const zipped = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
  if (zipped.length < content.length * 0.95) writeFileSync(`${path}.gz`, zipped);
}
