import { Plus, RotateCw, Trash2 } from 'lucide-react';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { EMPTY_LINE, type FormValues } from '@/features/new-order/form';
import { TextField } from '@/features/new-order/text-field';
import type { Schemas } from '@/shared/api/client';
import { isApiError } from '@/shared/api/problem';
import { Button } from '@/shared/ui/button';

const LINES_MAX = 200;

/** What there is to choose from; undefined until it was read. */
export type Catalogue = readonly Schemas['StockItem'][] | undefined;

interface LineFieldsProps {
  catalogue: Catalogue;
  /** Why it could not be read. */
  error: unknown;
  onRetry: () => void;
}

export function LineFields({ catalogue, error, onRetry }: LineFieldsProps) {
  const { control } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'lines' });
  return (
    <div className="flex flex-col gap-3">
      {error ? (
        <CatalogueError error={error} isOld={catalogue !== undefined} {...{ onRetry }} />
      ) : null}
      <ol className="flex flex-col gap-3">
        {fields.map((field, index) => (
          <li
            key={field.id}
            className="grid grid-cols-[minmax(0,1fr)_5rem_7rem_2rem] items-start gap-2 max-sm:grid-cols-[5rem_minmax(0,1fr)_2rem]"
          >
            <TextField
              name={`lines.${index}.sku`}
              label="SKU"
              list="catalogue"
              autoComplete="off"
              className="max-sm:col-span-3"
              hint={<InStock index={index} catalogue={catalogue} isMissing={Boolean(error)} />}
            />
            <TextField name={`lines.${index}.quantity`} label="Quantity" inputMode="numeric" />
            <TextField
              name={`lines.${index}.unitPrice`}
              label="Unit price"
              inputMode="decimal"
              placeholder="0.00"
            />
            <Button
              variant="ghost"
              size="icon"
              className="mt-5"
              aria-label={`Take line ${index + 1} away`}
              disabled={fields.length === 1}
              onClick={() => remove(index)}
            >
              <Trash2 />
            </Button>
          </li>
        ))}
      </ol>
      <div className="flex flex-wrap items-end gap-4">
        <Button
          variant="outline"
          disabled={fields.length >= LINES_MAX}
          onClick={() => append(EMPTY_LINE)}
        >
          <Plus /> Another line
        </Button>
        <span className="flex-1" />
        <TextField
          name="shipping"
          label="Shipping (optional)"
          inputMode="decimal"
          placeholder="0.00"
          className="w-32"
        />
      </div>
      <datalist id="catalogue">
        {catalogue?.map((item) => (
          <option key={item.sku} value={item.sku}>
            {item.title ? `${item.title}, ` : ''}
            {item.available} available
          </option>
        ))}
      </datalist>
    </div>
  );
}

interface CatalogueErrorProps {
  error: unknown;
  isOld: boolean;
  onRetry: () => void;
}

/** An order can be placed without it, so it is no reason to take the form away. */
function CatalogueError({ error, isOld, onRetry }: CatalogueErrorProps) {
  const problem = isApiError(error) ? error : undefined;
  return (
    <div
      role="alert"
      data-slot="error-state"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-md bg-warn-soft px-3 py-2 text-sm text-warn"
    >
      <p className="min-w-0 flex-1 basis-64">
        <span className="font-medium">{problem?.title ?? 'The catalogue could not be read'}.</span>{' '}
        {isOld
          ? 'The stock that is shown may be old.'
          : 'The catalogue is missing; a SKU can be typed.'}
        {problem?.requestId ? (
          <span className="block text-xs">
            Request <code className="select-all break-all font-mono">{problem.requestId}</code>
          </span>
        ) : null}
      </p>
      <Button variant="outline" size="sm" onClick={onRetry} className="text-foreground">
        <RotateCw /> Try again
      </Button>
    </div>
  );
}

interface InStockProps {
  index: number;
  catalogue: Catalogue;
  isMissing: boolean;
}

function InStock({ index, catalogue, isMissing }: InStockProps) {
  const sku = useWatch<FormValues, `lines.${number}.sku`>({ name: `lines.${index}.sku` });
  const item = catalogue?.find((one) => one.sku === sku.trim());
  if (!catalogue) {
    if (isMissing) return <>As the shop knows it</>;
    return (
      <>
        <span className="sr-only">Reading the catalogue</span>
        <span
          data-slot="skeleton"
          aria-hidden
          className="block h-4 w-44 animate-pulse rounded-sm bg-muted"
        />
      </>
    );
  }
  if (sku.trim() === '') return <>Choose from the catalogue, or type one</>;
  if (!item) return <>Not in the catalogue as far as it was read</>;
  return (
    <>
      {item.title ? `${item.title}: ` : ''}
      {item.available.toLocaleString('en-GB')} available
    </>
  );
}
