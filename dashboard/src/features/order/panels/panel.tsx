import type { ReactNode } from 'react';
import { Card, CardHeader, CardTitle } from '@/shared/ui/card';
import { ErrorBoundary } from '@/shared/ui/error-boundary';

export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      <ErrorBoundary>
        <div className="px-4 py-3 text-sm">{children}</div>
      </ErrorBoundary>
    </Card>
  );
}

/** Names and values, one below the other. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="flex flex-col gap-1.5">{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 items-baseline justify-between gap-4">
      <dt className="shrink-0 text-muted-foreground">{label}</dt>
      <dd className="min-w-0 truncate text-right">{children}</dd>
    </div>
  );
}
