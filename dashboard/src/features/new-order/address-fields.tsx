import { TextField } from '@/features/new-order/text-field';

export function AddressFields() {
  return (
    <div className="grid gap-3 sm:grid-cols-6">
      <TextField name="name" label="Name" className="sm:col-span-3" autoComplete="off" />
      <TextField name="line1" label="Street" className="sm:col-span-3" autoComplete="off" />
      <TextField
        name="line2"
        label="Addition (optional)"
        className="sm:col-span-2"
        autoComplete="off"
      />
      <TextField name="postalCode" label="Postal code" autoComplete="off" />
      <TextField name="city" label="City" className="sm:col-span-2" autoComplete="off" />
      <TextField name="country" label="Country" placeholder="DE" autoComplete="off" />
      <TextField
        name="region"
        label="Region (optional)"
        className="sm:col-span-2"
        autoComplete="off"
      />
      <TextField
        name="email"
        label="E-mail (optional)"
        className="sm:col-span-2"
        inputMode="email"
        autoComplete="off"
      />
      <TextField
        name="phone"
        label="Phone (optional)"
        className="sm:col-span-2"
        inputMode="tel"
        autoComplete="off"
      />
    </div>
  );
}
