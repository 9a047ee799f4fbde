import { ToggleGroup } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from '@/shared/lib/cn';

export interface SegmentedProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  label: string;
  options: readonly { value: T; label: ReactNode }[];
  className?: string;
}

/** One of a few, side by side. */
export function Segmented<T extends string>(props: SegmentedProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      data-slot="segmented"
      aria-label={props.label}
      value={props.value}
      onValueChange={(value) => {
        const option = props.options.find((o) => o.value === value);
        if (option) props.onChange(option.value);
      }}
      className={cn('inline-flex rounded-md bg-muted p-0.5', props.className)}
    >
      {props.options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="h-6 rounded-sm px-2.5 font-medium text-muted-foreground text-xs hover:text-foreground data-[state=on]:bg-card data-[state=on]:text-foreground data-[state=on]:shadow-xs"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
