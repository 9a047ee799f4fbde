import { ChevronDown } from 'lucide-react';
import type { ComponentProps } from 'react';
import { cn } from '@/shared/lib/cn';

/** The platform's own select: right on every device, with every keyboard. */
export function Select({ className, ...props }: ComponentProps<'select'>) {
  return (
    <span data-slot="select" className={cn('relative inline-flex', className)}>
      <select
        className="h-8 w-full appearance-none truncate rounded-md border border-input bg-card pr-7 pl-2.5 text-sm aria-invalid:border-bad"
        {...props}
      />
      <ChevronDown
        aria-hidden
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2 size-3.5 text-muted-foreground"
      />
    </span>
  );
}
