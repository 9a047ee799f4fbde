import { Plus, Trash2 } from 'lucide-react';
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { EMPTY_LINE, type FormValues } from '@/features/new-order/form';
import { TextField } from '@/features/new-order/text-field';
import type { Schemas } from '@/shared/api/client';
import { Button } from '@/shared/ui/button';

const LINES_MAX = 200;

export function LineFields({ catalogue }: { catalogue: readonly Schemas['StockItem'][] }) {
  const { control } = useFormContext<FormValues>();
  const { fields, append, remove } = useFieldArray({ control, name: 'lines' });
  return (
    <div className="flex flex-col gap-3">
      <ol className="flex flex-col gap-3">
        {fields.map((field, index) => (
          <li
            key={field.id}
            className="grid grid-cols-[minmax(0,1fr)_5rem_7rem_2rem] items-start gap-2 max-sm:grid-cols-[minmax(0,1fr)_5rem_2rem]"
          >
            <TextField
              name={`lines.${index}.sku`}
              label="SKU"
              list="catalogue"
              autoComplete="off"
              className="max-sm:col-span-3"
              hint={<InStock index={index} catalogue={catalogue} />}
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
        {catalogue.map((item) => (
          <option key={item.sku} value={item.sku}>
            {item.title ? `${item.title}, ` : ''}
            {item.available} available
          </option>
        ))}
      </datalist>
    </div>
  );
}

interface InStockProps {
  index: number;
  catalogue: readonly Schemas['StockItem'][];
}

function InStock({ index, catalogue }: InStockProps) {
  const sku = useWatch<FormValues, `lines.${number}.sku`>({ name: `lines.${index}.sku` });
  const item = catalogue.find((one) => one.sku === sku.trim());
  if (sku.trim() === '') return <>Choose from the catalogue, or type one</>;
  if (!item) return <>Not in the catalogue as far as it was read</>;
  return (
    <>
      {item.title ? `${item.title}: ` : ''}
      {item.available.toLocaleString('en-GB')} available
    </>
  );
}
