import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { Announcer } from '@/features/shell/announcer';
import { DESTINATIONS } from '@/features/shell/navigation';
import { Sidebar } from '@/features/shell/sidebar';
import { TopBar } from '@/features/shell/top-bar';
import { useShortcuts } from '@/shared/hooks/use-shortcuts';
import { preferences, setPreferences } from '@/shared/lib/preferences';
import { useLive } from '@/shared/live/hooks';
import { ErrorBoundary } from '@/shared/ui/error-boundary';

const loadPalette = () => import('@/features/shell/command-palette');
const loadHelp = () => import('@/features/shell/help-dialog');
const CommandPalette = lazy(loadPalette);
const HelpDialog = lazy(loadHelp);
const Toasts = lazy(() => import('@/features/shell/toasts'));

type Overlay = 'palette' | 'help' | undefined;

/** Before they are asked for: then they are there with a server that is away, too. */
export function loadOverlays(): void {
  for (const load of [loadPalette, loadHelp]) load().catch(() => undefined);
}

/** The frame around every page. */
export function Shell() {
  const [overlay, setOverlay] = useState<Overlay>();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useGlobalKeys(setOverlay);
  const close = () => setOverlay(undefined);
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="-translate-y-16 absolute top-2 left-2 z-50 rounded-md bg-primary px-3 py-1.5 text-primary-foreground focus:translate-y-0"
      >
        Skip to the page
      </a>
      <Sidebar />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <TopBar onPalette={() => setOverlay('palette')} onHelp={() => setOverlay('help')} />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
          <ErrorBoundary resetKey={path}>
            <Outlet />
          </ErrorBoundary>
        </main>
      </div>
      <Announcer />
      {/* Their code may not come, as from a server that is away: the page goes on without. */}
      <ErrorBoundary fallback={null}>
        <Suspense>
          <Toasts />
        </Suspense>
      </ErrorBoundary>
      <ErrorBoundary resetKey={overlay ?? ''} fallback={null}>
        <Suspense>
          {overlay === 'palette' ? <CommandPalette onClose={close} /> : null}
          {overlay === 'help' ? <HelpDialog onClose={close} /> : null}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}

function useGlobalKeys(setOverlay: (overlay: Overlay) => void) {
  const navigate = useNavigate();
  const live = useLive();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setOverlay('palette');
      }
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [setOverlay]);
  useShortcuts({
    ...Object.fromEntries(
      DESTINATIONS.map(({ shortcut, to }) => [shortcut, () => void navigate({ to })]),
    ),
    '?': () => setOverlay('help'),
    p: () => (live.status.kind === 'paused' ? live.resume() : live.pause()),
    t: () => {
      const isDark = document.documentElement.classList.contains('dark');
      setPreferences({ theme: isDark ? 'light' : 'dark' });
    },
    y: () => {
      const { zone } = preferences();
      setPreferences({ zone: zone === 'UTC' ? 'local' : 'UTC' });
    },
  });
}
