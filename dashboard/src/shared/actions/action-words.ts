import type { ActionName } from '@/shared/domain/vocabulary';

interface ActionWords {
  label: string;
  /** After `12 orders were`. */
  done: string;
  /** What it does, where the server has not said it of one order. */
  effect: string;
  isDestructive: boolean;
}

export const ACTIONS: Record<ActionName, ActionWords> = {
  'retry-now': {
    label: 'Retry now',
    done: 'tried at once',
    effect: 'Skips the wait before the next call; not past an open breaker.',
    isDestructive: false,
  },
  retry: {
    label: 'Retry',
    done: 'retried',
    effect: 'Makes the failing call again, with the same key and as many attempts as at first.',
    isDestructive: false,
  },
  'retry-with-changes': {
    label: 'Change and retry',
    done: 'changed and retried',
    effect: 'Undoes the old call first, then makes the same step with what you change.',
    isDestructive: false,
  },
  hold: {
    label: 'Hold',
    done: 'held',
    effect: 'Stops it before the next call; an answer that is under way still counts.',
    isDestructive: false,
  },
  release: { label: 'Release', done: 'released', effect: 'Lets it go on.', isDestructive: false },
  cancel: {
    label: 'Cancel order',
    done: 'asked to be cancelled',
    effect: 'Undoes what was done, and ends as cancelled once all of it is confirmed.',
    isDestructive: true,
  },
  compensate: {
    label: 'Undo',
    done: 'sent to be undone',
    effect: 'Undoes what was done now, and ends as failed.',
    isDestructive: true,
  },
  resolve: {
    label: 'Resolve',
    done: 'resolved',
    effect: 'Records that a person has undone it by hand, and undoes the rest.',
    isDestructive: true,
  },
  restart: {
    label: 'Restart',
    done: 'restarted',
    effect: 'Begins again with the first step, as a new run.',
    isDestructive: false,
  },
};

/** In the sequence in which they are offered. */
export const ACTION_ORDER: readonly ActionName[] = [
  'retry-now',
  'retry',
  'retry-with-changes',
  'release',
  'resolve',
  'restart',
  'hold',
  'compensate',
  'cancel',
];

/** Those that need nothing but a word, so that they can be done to many. */
export const BULK_ACTIONS = [
  'retry-now',
  'retry',
  'hold',
  'release',
  'compensate',
  'cancel',
] as const satisfies readonly ActionName[];
export type BulkAction = (typeof BULK_ACTIONS)[number];
