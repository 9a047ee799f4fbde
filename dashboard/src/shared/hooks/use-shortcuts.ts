import { useEffect, useRef } from 'react';
import { preferences } from '@/shared/lib/preferences';

/** Keys as `g o` (one after the other) or `x`; what they do. */
export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

const SEQUENCE_MS = 1_200;
let prefix: { key: string; at: number } | undefined;
/** What came before the key that is being handled now. */
let first: string | undefined;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function isInOverlay(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"]') !== null;
}

/** While the component is there. Not while somebody types, nor below an open dialog or menu. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!preferences().shortcuts || event.defaultPrevented) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || isInOverlay()) return;
      const run = latest.current[first ? `${first} ${event.key}` : event.key];
      if (run) {
        event.preventDefault();
        run(event);
      }
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

/** Once, for the whole page and before all others: remembers the first key of two. */
export function rememberPrefixes(): void {
  addEventListener('keydown', (event) => {
    first = prefix && performance.now() - prefix.at < SEQUENCE_MS ? prefix.key : undefined;
    prefix = undefined;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const isPrefix = event.key === 'g' && !event.defaultPrevented;
    if (isPrefix) prefix = { key: event.key, at: performance.now() };
  });
}
