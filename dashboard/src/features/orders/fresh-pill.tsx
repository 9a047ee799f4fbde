import { ArrowUp } from 'lucide-react';
import { useLayoutEffect, useState } from 'react';
import type { ListFilter } from '@/features/orders/api/list-orders';
import { Fresh } from '@/features/orders/fresh';
import { announce } from '@/shared/lib/announce';
import { useRoom } from '@/shared/live/hooks';
import type { OrderRow } from '@/shared/live/transport';
import { Button } from '@/shared/ui/button';

interface FreshPillProps {
  filter: ListFilter;
  rows: readonly OrderRow[];
  hasMore: boolean;
  onShow: () => void;
}

/** `3 new`, instead of a list that jumps. With each batch it alone is drawn anew, not the list. */
export function FreshPill({ filter, rows, hasMore, onShow }: FreshPillProps) {
  const [fresh] = useState(() => new Fresh(filter));
  const [count, setCount] = useState(0);
  useLayoutEffect(() => {
    fresh.listed(filter, rows, hasMore);
    setCount(fresh.count);
  }, [fresh, filter, rows, hasMore]);
  useRoom('orders', {
    onItems: (items) => {
      const before = fresh.count;
      fresh.take(items);
      setCount(fresh.count);
      const more = fresh.count - before;
      if (more > 0) announce(`${more} new ${more === 1 ? 'order' : 'orders'}`);
    },
  });
  if (count === 0) return null;
  return (
    <Button
      size="sm"
      onClick={() => {
        fresh.clear();
        setCount(0);
        onShow();
      }}
      className="-translate-x-1/2 absolute top-10 left-1/2 z-10 rounded-full shadow-md"
    >
      <ArrowUp /> <span className="tabular-nums">{count}</span> new
    </Button>
  );
}
