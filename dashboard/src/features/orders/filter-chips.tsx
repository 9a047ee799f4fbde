import { X } from 'lucide-react';
import type { OrdersSearch } from '@/features/orders/search';
import { canTurn, termList, termWords, withoutTerm, withTurnedTerm } from '@/features/orders/terms';
import { fingerprintParts } from '@/shared/domain/fingerprint';
import { words } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';

interface FilterChipsProps {
  search: OrdersSearch;
  onChange: (changes: Partial<OrdersSearch>) => void;
}

export function FilterChips({ search, onChange }: FilterChipsProps) {
  const query = search.q ?? '';
  const terms = termList(query);
  if (terms.length === 0 && search.fingerprint === undefined) return null;
  return (
    <ul aria-label="Filter" className="flex flex-wrap gap-1.5">
      {terms.map((term) => (
        <Chip
          key={term.text}
          isExcluded={term.isExcluded}
          onTurn={canTurn(term) ? () => onChange({ q: withTurnedTerm(query, term) }) : undefined}
          onRemove={() => onChange({ q: withoutTerm(query, term) })}
          text={termWords(term)}
        />
      ))}
      {search.fingerprint !== undefined ? (
        <Chip
          text={failureWords(search.fingerprint)}
          onRemove={() => onChange({ fingerprint: undefined })}
        />
      ) : null}
    </ul>
  );
}

function failureWords(fingerprint: string): string {
  const { participant, step, code } = fingerprintParts(fingerprint);
  return `Failure is ${code} of ${participant} at ${words(step).toLowerCase()}`;
}

interface ChipProps {
  text: string;
  isExcluded?: boolean;
  onTurn?: (() => void) | undefined;
  onRemove: () => void;
}

function Chip({ text, isExcluded = false, onTurn, onRemove }: ChipProps) {
  return (
    <li
      className={cn(
        'flex h-6 max-w-full items-center rounded-full border bg-card text-xs',
        isExcluded && 'border-bad/50 border-dashed',
      )}
    >
      {onTurn ? (
        <button
          type="button"
          onClick={onTurn}
          title={isExcluded ? 'Include instead' : 'Exclude instead'}
          className="truncate rounded-l-full py-0.5 pr-1 pl-2.5 hover:underline"
        >
          {text}
        </button>
      ) : (
        <span className="truncate py-0.5 pr-1 pl-2.5">{text}</span>
      )}
      <button
        type="button"
        onClick={onRemove}
        aria-label={`Remove: ${text}`}
        className="flex size-6 items-center justify-center rounded-full text-muted-foreground hover:text-foreground"
      >
        <X className="size-3.5" aria-hidden />
      </button>
    </li>
  );
}
