import { setPreferences, usePreferences } from '@/shared/lib/preferences';
import { Checkbox } from '@/shared/ui/checkbox';
import {
  Dialog,
  DialogBody,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from '@/shared/ui/dialog';
import { Kbd } from '@/shared/ui/kbd';

const SHORTCUTS: readonly { title: string; keys: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['⌘ K', 'Go to a page or an order, or do something'],
      ['g h', 'Overview'],
      ['g o', 'Orders'],
      ['g d', 'Dead letters'],
      ['g n', 'New order'],
      ['p', 'Pause live changes, and go on'],
      ['t', 'Light or dark'],
      ['y', 'Local time or UTC'],
      ['?', 'This help'],
    ],
  },
  {
    title: 'In the list of orders',
    keys: [
      ['/', 'Write a query'],
      ['j k', 'Next and previous order'],
      ['Enter', 'Open it'],
      ['x', 'Select it'],
    ],
  },
  {
    title: 'On an order',
    keys: [
      ['r', 'Retry, or retry now'],
      ['c', 'Cancel'],
      ['e', 'All events'],
    ],
  },
];

export default function HelpDialog({ onClose }: { onClose: () => void }) {
  const { shortcuts } = usePreferences();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>Help</DialogTitle>
          <DialogDescription>
            Every screen is its address: copy it from the browser to show somebody the same.
          </DialogDescription>
        </DialogHeader>
        <DialogBody>
          {SHORTCUTS.map(({ title, keys }) => (
            <section key={title}>
              <h3 className="mb-1.5 font-medium text-muted-foreground text-xs">{title}</h3>
              <dl className="grid grid-cols-[5rem_1fr] gap-y-1.5 text-sm">
                {keys.map(([key, what]) => (
                  <div key={key} className="contents">
                    <dt className="flex gap-1">
                      {key.split(' ').map((k) => (
                        <Kbd key={k}>{k}</Kbd>
                      ))}
                    </dt>
                    <dd>{what}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </DialogBody>
        <DialogFooter className="justify-start">
          <label htmlFor="single-key-shortcuts" className="flex items-center gap-2 text-sm">
            <Checkbox
              id="single-key-shortcuts"
              checked={shortcuts}
              onChange={(event) => setPreferences({ shortcuts: event.target.checked })}
            />
            Single-key shortcuts
          </label>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
