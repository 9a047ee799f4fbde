import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '@/shared/lib/copy-text';
import { Button, type ButtonProps } from '@/shared/ui/button';
import { toast } from '@/shared/ui/toast';

interface CopyButtonProps extends Omit<ButtonProps, 'onClick' | 'value'> {
  value: string;
  /** What is copied, as `Copy <what>`. */
  what: string;
}

export function CopyButton({ value, what, children, ...props }: CopyButtonProps) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Button
      variant="ghost"
      size={children ? 'sm' : 'icon-sm'}
      aria-label={isCopied ? `Copied ${what}` : `Copy ${what}`}
      title={`Copy ${what}`}
      {...props}
      onClick={() => {
        copyText(value).then(
          () => setIsCopied(true),
          () => toast('error', 'The browser does not let this page copy'),
        );
      }}
    >
      {isCopied ? <Check /> : <Copy />}
      {children}
    </Button>
  );
}
