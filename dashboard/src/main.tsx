import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { live } from '@/app/live';
import { queryClient } from '@/app/query-client';
import { loadAhead, router } from '@/app/router';
import { rememberPrefixes } from '@/shared/hooks/use-shortcuts';
import { followPreferences } from '@/shared/lib/preferences';
import { LiveContext } from '@/shared/live/hooks';
import './styles.css';

followPreferences();
rememberPrefixes();
live.start();

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <LiveContext value={live}>
        <RouterProvider router={router} />
      </LiveContext>
    </QueryClientProvider>
  </StrictMode>,
);

/** Behind whatever the first page needs. */
const AHEAD_MS = 2_000;
addEventListener('load', () => setTimeout(loadAhead, AHEAD_MS), { once: true });
