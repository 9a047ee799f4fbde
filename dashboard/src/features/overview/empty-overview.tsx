import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { PackagePlus } from 'lucide-react';
import { demoCurl, placeDemoOrder } from '@/features/overview/api/place-demo-order';
import { isApiError } from '@/shared/api/problem';
import { Button } from '@/shared/ui/button';
import { Card } from '@/shared/ui/card';
import { CopyButton } from '@/shared/ui/copy-button';

export function EmptyOverview() {
  const navigate = useNavigate();
  const placing = useMutation({
    mutationFn: placeDemoOrder,
    onSuccess: ({ id }) => navigate({ to: '/orders/$orderId', params: { orderId: id } }),
  });
  const curl = demoCurl(location.origin);
  return (
    <Card className="flex flex-col items-start gap-3 p-5" aria-label="No orders yet">
      <h2 className="font-semibold">No orders yet</h2>
      <p className="text-muted-foreground text-sm">
        An order that is placed anywhere appears here at once and moves through its stages.
      </p>
      <Button onClick={() => placing.mutate()} disabled={placing.isPending}>
        <PackagePlus /> Place a demo order
      </Button>
      {placing.error ? (
        <p role="alert" className="text-bad text-sm">
          {isApiError(placing.error) ? placing.error.detail : String(placing.error)}
        </p>
      ) : null}
      <div className="relative w-full">
        <CopyButton value={curl} what="commands" className="absolute top-1 right-1 bg-card" />
        <section
          aria-label="The same on the command line"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
          tabIndex={0}
          className="overflow-x-auto rounded-md border bg-muted/50 p-3"
        >
          <pre className="font-mono text-xs leading-5">{curl}</pre>
        </section>
      </div>
    </Card>
  );
}
