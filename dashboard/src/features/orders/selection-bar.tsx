import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ACTIONS, BULK_ACTIONS, type BulkAction } from '@/shared/actions/action-words';
import { BulkDialog } from '@/shared/actions/bulk-dialog';
import { Button } from '@/shared/ui/button';

interface SelectionBarProps {
  selected: ReadonlySet<string>;
  onClear: () => void;
}

export function SelectionBar({ selected, onClear }: SelectionBarProps) {
  const [action, setAction] = useState<BulkAction>();
  const queryClient = useQueryClient();
  return (
    <section
      aria-label="Selection"
      className="flex flex-wrap items-center gap-2 border-t bg-card px-3 py-2 md:px-6"
    >
      <p className="mr-2 font-medium text-sm tabular-nums" role="status">
        {selected.size} selected
      </p>
      {BULK_ACTIONS.map((name) => (
        <Button key={name} variant="outline" size="sm" onClick={() => setAction(name)}>
          {ACTIONS[name].label}
        </Button>
      ))}
      <span className="flex-1" />
      <Button variant="ghost" size="sm" onClick={onClear}>
        Clear
      </Button>
      {action ? (
        <BulkDialog
          action={action}
          orderIds={[...selected]}
          onClose={(done) => {
            setAction(undefined);
            if (!done) return;
            onClear();
            void queryClient.invalidateQueries({ queryKey: ['dead-letters'] });
          }}
        />
      ) : null}
    </section>
  );
}
