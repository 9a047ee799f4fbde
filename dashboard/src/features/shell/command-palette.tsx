import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { Moon, Pause, Play, Search, Sun } from 'lucide-react';
import { useState } from 'react';
import { DESTINATIONS } from '@/features/shell/navigation';
import { setPreferences } from '@/shared/lib/preferences';
import { useLive } from '@/shared/live/hooks';
import { Dialog, DialogContent, DialogTitle } from '@/shared/ui/dialog';
import { Kbd } from '@/shared/ui/kbd';

const ORDER_ID = /^ord_[0-9a-z]{26}$/;
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

const itemClass =
  'flex cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-2 text-sm data-[selected=true]:bg-accent [&_svg]:size-4 [&_svg]:text-muted-foreground';

export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const live = useLive();
  const navigate = useNavigate();
  const wanted = text.trim();
  const isDark = document.documentElement.classList.contains('dark');
  const isPaused = live.status.kind === 'paused';
  const run = (action: () => unknown) => () => {
    onClose();
    action();
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent className="overflow-hidden p-0" aria-describedby={undefined}>
        <DialogTitle className="sr-only">Go to or do something</DialogTitle>
        <Command label="Go to or do something" loop>
          <div className="flex items-center gap-2 border-b pr-12 pl-4">
            <Search className="size-4 text-muted-foreground" aria-hidden />
            <Command.Input
              value={text}
              onValueChange={setText}
              placeholder="A page, an order's id, reference or customer…"
              className="h-12 flex-1 bg-transparent text-sm outline-none placeholder:text-muted-foreground"
            />
          </div>
          <Command.List className="max-h-80 overflow-y-auto p-2">
            <Command.Empty className="px-3 py-6 text-center text-muted-foreground text-sm">
              Nothing matches.
            </Command.Empty>
            {ORDER_ID.test(wanted) ? (
              <Command.Item
                className={itemClass}
                value={wanted}
                onSelect={run(() =>
                  navigate({ to: '/orders/$orderId', params: { orderId: wanted } }),
                )}
              >
                Open order <code className="truncate font-mono">{wanted}</code>
              </Command.Item>
            ) : null}
            {NAME.test(wanted) && !ORDER_ID.test(wanted)
              ? (['reference', 'customer'] as const).map((field) => (
                  <Command.Item
                    key={field}
                    className={itemClass}
                    value={`${field} ${wanted}`}
                    onSelect={run(() =>
                      navigate({ to: '/orders', search: { q: `${field}:${wanted}` } }),
                    )}
                  >
                    <Search aria-hidden /> Orders with {field} “{wanted}”
                  </Command.Item>
                ))
              : null}
            {DESTINATIONS.map(({ to, label, icon: Icon, shortcut }) => (
              <Command.Item
                key={to}
                className={itemClass}
                value={label}
                onSelect={run(() => navigate({ to }))}
              >
                <Icon aria-hidden />
                <span className="flex-1">{label}</span>
                {shortcut.split(' ').map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </Command.Item>
            ))}
            <Command.Item
              className={itemClass}
              value="Pause live changes"
              onSelect={run(() => (isPaused ? live.resume() : live.pause()))}
            >
              {isPaused ? <Play aria-hidden /> : <Pause aria-hidden />}
              {isPaused ? 'Go on live' : 'Pause live changes'}
            </Command.Item>
            <Command.Item
              className={itemClass}
              value="Theme light dark"
              onSelect={run(() => setPreferences({ theme: isDark ? 'light' : 'dark' }))}
            >
              {isDark ? <Sun aria-hidden /> : <Moon aria-hidden />}
              {isDark ? 'Light theme' : 'Dark theme'}
            </Command.Item>
          </Command.List>
        </Command>
      </DialogContent>
    </Dialog>
  );
}
