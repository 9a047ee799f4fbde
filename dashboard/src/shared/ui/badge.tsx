import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { cn } from '@/shared/lib/cn';

const badgeVariants = cva(
  'inline-flex w-fit shrink-0 items-center gap-1 whitespace-nowrap rounded-sm px-1.5 py-0.5 font-medium text-xs [&_svg]:size-3.5 [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        good: 'bg-good-soft text-good',
        info: 'bg-info-soft text-info',
        warn: 'bg-warn-soft text-warn',
        bad: 'bg-bad-soft text-bad',
        undo: 'bg-undo-soft text-undo',
        quiet: 'bg-quiet-soft text-quiet',
      },
    },
    defaultVariants: { tone: 'quiet' },
  },
);

export type Tone = NonNullable<VariantProps<typeof badgeVariants>['tone']>;

export function Badge({
  className,
  tone,
  ...props
}: ComponentProps<'span'> & VariantProps<typeof badgeVariants>) {
  return <span data-slot="badge" className={cn(badgeVariants({ tone }), className)} {...props} />;
}
