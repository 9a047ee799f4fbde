import { ArrowUp } from 'lucide-react';
import { useCallback, useLayoutEffect, useState } from 'react';
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

const NONE = { count: 0, isMore: false };

/** `3 new`, instead of a list that jumps. With each batch it alone is drawn anew, not the list. */
export function FreshPill({ filter, rows, hasMore, onShow }: FreshPillProps) {
  const [fresh] = useState(() => new Fresh(filter));
  const [shown, setShown] = useState(NONE);
  const show = useCallback(() => {
    const { count, isMore } = fresh;
    setShown((now) => (now.count === count && now.isMore === isMore ? now : { count, isMore }));
  }, [fresh]);
  useLayoutEffect(() => {
    fresh.listed(filter, rows, hasMore);
    show();
  }, [fresh, filter, rows, hasMore, show]);
  useRoom('orders', {
    onItems: (items) => {
      const before = fresh.count;
      fresh.take(items);
      show();
      const more = fresh.count - before;
      if (more > 0) announce(`${more} new ${more === 1 ? 'order' : 'orders'}`);
    },
  });
  if (shown.count === 0) return null;
  return (
    <Button
      size="sm"
      onClick={() => {
        fresh.clear();
        show();
        onShow();
      }}
      className="shrink-0 rounded-full"
    >
      <ArrowUp />{' '}
      <span className="tabular-nums">
        {shown.count.toLocaleString('en-GB')}
        {shown.isMore ? '+' : ''}
      </span>{' '}
      new
    </Button>
  );
}
