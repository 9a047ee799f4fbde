import { useSyncExternalStore } from 'react';
import { isZone, type Zone } from '@/shared/lib/time';

/** What a person has chosen for this browser. Everything else that is shown is in the URL. */
export interface Preferences {
  theme: 'light' | 'dark' | 'system';
  zone: Zone;
  shortcuts: boolean;
}

const KEY = 'conveyor.preferences';
const DEFAULTS: Preferences = { theme: 'system', zone: 'local', shortcuts: true };

function read(): Preferences {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return DEFAULTS;
    const { theme, zone, shortcuts } = stored as Partial<Record<keyof Preferences, unknown>>;
    return {
      theme: theme === 'light' || theme === 'dark' ? theme : DEFAULTS.theme,
      zone: typeof zone === 'string' && isZone(zone) ? zone : DEFAULTS.zone,
      shortcuts: typeof shortcuts === 'boolean' ? shortcuts : DEFAULTS.shortcuts,
    };
  } catch {
    return DEFAULTS; // storage may be forbidden
  }
}

let current: Preferences | undefined;
const listeners = new Set<() => void>();

export function preferences(): Preferences {
  current ??= read();
  return current;
}

export function setPreferences(changes: Partial<Preferences>): void {
  current = { ...preferences(), ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // It holds for this page then.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, preferences);
}

function applyTheme(): void {
  const { theme } = preferences();
  const isDark =
    theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', isDark);
}

/** Follows the system and other tabs. */
export function followPreferences(): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', applyTheme);
  addEventListener('storage', (event) => {
    if (event.key !== KEY) return;
    current = undefined;
    applyTheme();
    for (const listener of listeners) listener();
  });
}
