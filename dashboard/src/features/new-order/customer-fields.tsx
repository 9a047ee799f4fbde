import { useFormContext } from 'react-hook-form';
import type { FormValues } from '@/features/new-order/form';
import { TextField } from '@/features/new-order/text-field';
import { Field } from '@/shared/ui/field';
import { Select } from '@/shared/ui/select';

const CURRENCIES = ['EUR', 'USD', 'GBP', 'CHF', 'SEK', 'JPY', 'KWD'];

const METHODS = [
  'pm_ok',
  'pm_async',
  'pm_slow',
  'pm_declined',
  'pm_declined_funds',
  'pm_capture_declined',
  'pm_flaky_2',
  'pm_flaky_8',
  'pm_lost_reply',
  'pm_garbage',
];

export function CustomerFields() {
  const { register } = useFormContext<FormValues>();
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <TextField name="customerId" label="Customer" autoComplete="off" placeholder="c-8812" />
      <TextField
        name="reference"
        label="Reference (optional)"
        autoComplete="off"
        placeholder="R-1001"
      />
      <Field label="Currency">
        {({ id }) => (
          <Select id={id} {...register('currency')} className="w-full">
            {CURRENCIES.map((currency) => (
              <option key={currency}>{currency}</option>
            ))}
          </Select>
        )}
      </Field>
      <TextField
        name="paymentMethod"
        label="Payment method"
        list="payment-methods"
        hint="A token of the payment provider"
      />
      <datalist id="payment-methods">
        {METHODS.map((method) => (
          <option key={method} value={method} />
        ))}
      </datalist>
    </div>
  );
}
