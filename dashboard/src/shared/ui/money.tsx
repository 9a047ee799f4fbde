import { cn } from '@/shared/lib/cn';
import { formatAmount } from '@/shared/lib/money';

interface MoneyProps {
  minor: number;
  currency: string;
  exponent: number;
  className?: string;
}

/** The currency quiet, the amount so that digits stand below each other. */
export function Money({ minor, currency, exponent, className }: MoneyProps) {
  return (
    <span className={cn('whitespace-nowrap tabular-nums', className)}>
      <span className="mr-1 text-muted-foreground text-xs">{currency}</span>
      {formatAmount(minor, exponent)}
    </span>
  );
}
