/**
 * What screen readers are told of live changes: the last of several, at most every 5 s, so that a
 * busy page does not talk without end.
 */
const EVERY_MS = 5_000;
const listeners = new Set<(text: string) => void>();
let pending: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let saidAt = Number.NEGATIVE_INFINITY;

function say(): void {
  timer = undefined;
  if (pending === undefined) return;
  saidAt = Date.now();
  for (const listener of listeners) listener(pending);
  pending = undefined;
}

export function announce(text: string): void {
  pending = text;
  if (timer !== undefined) return;
  timer = setTimeout(say, Math.max(0, saidAt + EVERY_MS - Date.now()));
}

export function onAnnouncement(listener: (text: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
