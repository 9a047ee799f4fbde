import { Link } from '@tanstack/react-router';
import { Columns3, ListFilter, Plus, Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { COLUMNS, type Column, columnsText } from '@/features/orders/columns';
import type { OrdersSearch } from '@/features/orders/search';
import { withValue } from '@/features/orders/terms';
import { STATUSES, STEPS, statusLabel, words } from '@/shared/domain/vocabulary';
import { useShortcuts } from '@/shared/hooks/use-shortcuts';
import { Button } from '@/shared/ui/button';
import {
  DropdownMenu,
  DropdownMenuCheckboxItem,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/shared/ui/dropdown-menu';
import { Input } from '@/shared/ui/input';

interface OrdersToolbarProps {
  search: OrdersSearch;
  mistake: string | undefined;
  columns: readonly Column[];
  onChange: (changes: Partial<OrdersSearch>) => void;
}

export function OrdersToolbar({ search, mistake, columns, onChange }: OrdersToolbarProps) {
  return (
    <div className="flex flex-wrap items-start gap-2">
      <QueryInput value={search.q ?? ''} mistake={mistake} onChange={(q) => onChange({ q })} />
      <FilterMenu
        onAdd={(field, value) => onChange({ q: withValue(search.q ?? '', field, value) })}
      />
      <ColumnsMenu columns={columns} onChange={(text) => onChange({ columns: text })} />
      <Button asChild>
        <Link to="/orders/new">
          <Plus /> <span className="max-sm:sr-only">New order</span>
        </Link>
      </Button>
    </div>
  );
}

interface QueryInputProps {
  value: string;
  mistake: string | undefined;
  onChange: (q: string | undefined) => void;
}

function QueryInput({ value, mistake, onChange }: QueryInputProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => setText(value), [value]);
  useShortcuts({ '/': () => input.current?.focus() });
  const apply = () => {
    const trimmed = text.trim();
    if (trimmed !== value) onChange(trimmed === '' ? undefined : trimmed);
  };
  return (
    <form
      className="min-w-44 flex-1"
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <div className="relative">
        <Search
          aria-hidden
          className="-translate-y-1/2 absolute top-1/2 left-2.5 size-4 text-muted-foreground"
        />
        <Input
          ref={input}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onBlur={apply}
          onKeyDown={(event) => {
            if (event.key === 'Escape') input.current?.blur();
          }}
          aria-label="Query"
          aria-invalid={mistake !== undefined}
          aria-describedby={mistake === undefined ? undefined : 'query-mistake'}
          placeholder="status:failed -step:book_shipment customer:c1 created:>2026-01-01"
          spellCheck={false}
          autoComplete="off"
          className="pl-8 font-mono text-xs"
        />
      </div>
      {mistake !== undefined ? (
        <p
          id="query-mistake"
          role="alert"
          className="wrap-anywhere mt-1 line-clamp-4 text-bad text-xs"
        >
          {mistake}
        </p>
      ) : null}
    </form>
  );
}

function FilterMenu({ onAdd }: { onAdd: (field: string, value: string) => void }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="outline">
          <ListFilter /> <span className="max-sm:sr-only">Filter</span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel>Status</DropdownMenuLabel>
        {STATUSES.map((status) => (
          <DropdownMenuItem key={status} onSelect={() => onAdd('status', status)}>
            {statusLabel(status)}
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Step of open orders</DropdownMenuLabel>
        {STEPS.map((step) => (
          <DropdownMenuItem key={step} onSelect={() => onAdd('step', step)}>
            {words(step)}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

interface ColumnsMenuProps {
  columns: readonly Column[];
  onChange: (text: string | undefined) => void;
}

function ColumnsMenu({ columns, onChange }: ColumnsMenuProps) {
  const shown = columns.map((column) => column.id);
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="outline" className="max-md:hidden">
          <Columns3 /> Columns
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {COLUMNS.filter(({ id }) => id !== 'order').map(({ id, label }) => (
          <DropdownMenuCheckboxItem
            key={id}
            checked={shown.includes(id)}
            onSelect={(event) => event.preventDefault()}
            onCheckedChange={(isShown) =>
              onChange(columnsText(isShown ? [...shown, id] : shown.filter((c) => c !== id)))
            }
          >
            {label}
          </DropdownMenuCheckboxItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem onSelect={() => onChange(undefined)}>The usual ones</DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
