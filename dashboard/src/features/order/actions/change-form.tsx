import type { ChangeableField, Draft } from '@/features/order/actions/changes';
import type { Schemas } from '@/shared/api/client';
import type { FieldError } from '@/shared/api/problem';
import { Field } from '@/shared/ui/field';
import { Input } from '@/shared/ui/input';

const ADDRESS: readonly { name: keyof Schemas['ShipTo']; label: string }[] = [
  { name: 'name', label: 'Name' },
  { name: 'line1', label: 'Street' },
  { name: 'line2', label: 'Addition' },
  { name: 'postal_code', label: 'Postal code' },
  { name: 'city', label: 'City' },
  { name: 'region', label: 'Region' },
  { name: 'country', label: 'Country' },
  { name: 'email', label: 'E-mail' },
  { name: 'phone', label: 'Phone' },
];

interface ChangeFormProps {
  draft: Draft;
  fields: readonly ChangeableField[];
  errors: readonly FieldError[];
  onChange: (draft: Draft) => void;
}

export function ChangeForm({ draft, fields, errors, onChange }: ChangeFormProps) {
  const errorAt = (pointer: string) => errors.find((e) => e.pointer.endsWith(pointer))?.detail;
  return (
    <div className="flex flex-col gap-4">
      {fields.includes('payment_method') ? (
        <Field label="Payment method" error={errorAt('/payment_method')}>
          {(control) => (
            <Input
              {...control}
              value={draft.payment_method}
              onChange={(event) => onChange({ ...draft, payment_method: event.target.value })}
              className="font-mono"
              spellCheck={false}
            />
          )}
        </Field>
      ) : null}
      {fields.includes('ship_to') ? (
        <fieldset className="grid grid-cols-2 gap-2.5">
          <legend className="mb-1.5 font-medium text-sm">Address</legend>
          {ADDRESS.map(({ name, label }) => (
            <Field
              key={name}
              label={label}
              error={errorAt(`/ship_to/${name}`)}
              className={name === 'name' || name === 'line1' ? 'col-span-2' : ''}
            >
              {(control) => (
                <Input
                  {...control}
                  dir="auto"
                  value={draft.ship_to[name] ?? ''}
                  onChange={(event) =>
                    onChange({
                      ...draft,
                      ship_to: { ...draft.ship_to, [name]: event.target.value },
                    })
                  }
                />
              )}
            </Field>
          ))}
        </fieldset>
      ) : null}
      {fields.includes('lines') ? (
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1.5 font-medium text-sm">Quantities (0 takes a line away)</legend>
          {draft.lines.map((line, index) => (
            <label
              // biome-ignore lint/suspicious/noArrayIndexKey: a SKU may stand in several lines
              key={index}
              htmlFor={`quantity-${index}`}
              className="flex items-center gap-3 text-sm"
            >
              <Input
                id={`quantity-${index}`}
                type="number"
                min={0}
                max={1_000_000}
                value={line.quantity}
                onChange={(event) => {
                  const quantity = Math.max(0, Math.trunc(event.target.valueAsNumber || 0));
                  onChange({ ...draft, lines: draft.lines.with(index, { ...line, quantity }) });
                }}
                className="w-24 tabular-nums"
              />
              <span className="min-w-0 flex-1 truncate">
                <bdi>{line.title ?? line.sku}</bdi>
              </span>
            </label>
          ))}
        </fieldset>
      ) : null}
    </div>
  );
}
