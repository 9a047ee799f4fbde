import type { ReactNode } from 'react';
import { type FieldPathByValue, get, useFormContext } from 'react-hook-form';
import type { FormValues } from '@/features/new-order/form';
import { Field } from '@/shared/ui/field';
import { Input } from '@/shared/ui/input';

interface TextFieldProps {
  name: FieldPathByValue<FormValues, string>;
  label: string;
  hint?: ReactNode;
  className?: string;
  placeholder?: string;
  autoComplete?: string;
  inputMode?: 'text' | 'numeric' | 'decimal' | 'email' | 'tel';
  list?: string;
}

export function TextField({ name, label, hint, className, ...input }: TextFieldProps) {
  const { register, formState } = useFormContext<FormValues>();
  const error = get(formState.errors, name) as { message?: string } | undefined;
  return (
    <Field label={label} hint={hint} error={error?.message} {...(className && { className })}>
      {(control) => (
        <Input {...control} {...register(name)} {...input} dir="auto" spellCheck={false} />
      )}
    </Field>
  );
}
