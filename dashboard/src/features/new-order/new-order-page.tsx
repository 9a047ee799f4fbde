import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { FormProvider, useForm, useWatch } from 'react-hook-form';
import { AddressFields } from '@/features/new-order/address-fields';
import { readCatalogue } from '@/features/new-order/api/catalogue';
import { placeOrder } from '@/features/new-order/api/place-order';
import { CustomerFields } from '@/features/new-order/customer-fields';
import {
  EMPTY_FORM,
  type FormValues,
  type Problems,
  problemsOf,
  requestOf,
  totalOf,
} from '@/features/new-order/form';
import { LineFields } from '@/features/new-order/line-fields';
import type { Schemas } from '@/shared/api/client';
import { type ApiError, isApiError } from '@/shared/api/problem';
import { useTitle } from '@/shared/hooks/use-title';
import { exponentOf } from '@/shared/lib/money';
import { Button } from '@/shared/ui/button';
import { Card, CardContent, CardHeader, CardTitle } from '@/shared/ui/card';
import { Money } from '@/shared/ui/money';
import { toast } from '@/shared/ui/toast';

export function NewOrderPage() {
  useTitle('New order');
  const form = useForm<FormValues>({ defaultValues: EMPTY_FORM });
  const catalogue = useQuery(readCatalogue);
  const placing = usePlacing();
  const titles = useMemo(
    () => new Map(catalogue.data?.data.map((item) => [item.sku, item.title])),
    [catalogue.data],
  );
  const isPlacing = placing.isPending || form.formState.isSubmitting;
  const place = useRef<HTMLFormElement>(null);
  const show = (problems: Problems) => {
    const fields = Object.keys(problems) as (keyof FormValues)[];
    for (const field of fields) form.setError(field, { message: problems[field] ?? '' });
    // In the order in which they stand.
    const inputs = [...(place.current?.elements ?? [])] as HTMLInputElement[];
    inputs.find(({ name }) => name !== '' && name in problems)?.focus();
  };
  const submit = form.handleSubmit(async (values) => {
    const { request, problems } = requestOf(values, titles);
    if (Object.keys(problems).length > 0) {
      placing.reset();
      show({ ...(await refusalOf(request)), ...problems });
      return;
    }
    placing.mutate(request, {
      onError: (error) => {
        if (isApiError(error)) show(fieldsOf(error));
      },
    });
  });
  return (
    <FormProvider {...form}>
      <form
        ref={place}
        onSubmit={isPlacing ? (event) => event.preventDefault() : submit}
        noValidate
        className="mx-auto flex max-w-4xl flex-col gap-4 p-4 md:p-6"
      >
        <h1 className="font-semibold text-xl tracking-tight">New order</h1>
        <Section title="Customer">
          <CustomerFields />
        </Section>
        <Section title="Lines">
          <LineFields
            catalogue={catalogue.data?.data}
            error={catalogue.error}
            onRetry={() => void catalogue.refetch()}
          />
        </Section>
        <Section title="Address">
          <AddressFields />
        </Section>
        <Footer isPlacing={isPlacing} error={placing.error} />
      </form>
    </FormProvider>
  );
}

function fieldsOf(error: ApiError): Problems {
  const { '': _, ...fields } = problemsOf(error.fields);
  return fields;
}

/** What else is wrong with a request that cannot be accepted: all is said at once. */
async function refusalOf(request: Schemas['OrderRequest']): Promise<Problems> {
  try {
    await placeOrder(request, crypto.randomUUID());
  } catch (error) {
    if (isApiError(error)) return fieldsOf(error);
  }
  return {}; // nobody says more
}

/** One key for one content: a second click, or a click after a lost answer, places nothing twice. */
function usePlacing() {
  const navigate = useNavigate();
  const key = useRef<{ body: string; key: string } | undefined>(undefined);
  const [isPlaced, setIsPlaced] = useState(false);
  const placing = useMutation({
    mutationFn: (request: Schemas['OrderRequest']) => {
      const body = JSON.stringify(request);
      if (key.current?.body !== body) key.current = { body, key: crypto.randomUUID() };
      return placeOrder(request, key.current.key);
    },
    retry: (failures, error) => failures < 4 && isApiError(error) && error.retryable,
    retryDelay: (failure) => Math.min(1_000 * 2 ** failure, 8_000),
    onSuccess: (order) => {
      setIsPlaced(true);
      toast('success', `Placed ${order.reference ?? order.id}`);
      void navigate({ to: '/orders/$orderId', params: { orderId: order.id } });
    },
  });
  return { ...placing, isPending: placing.isPending || isPlaced };
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle>{title}</CardTitle>
      </CardHeader>
      <CardContent>{children}</CardContent>
    </Card>
  );
}

function Failure({ error }: { error: Error | null }) {
  if (!error) return null;
  const problem = isApiError(error) ? error : undefined;
  const rest = problem ? problemsOf(problem.fields)[''] : undefined;
  return (
    <div
      role="alert"
      className="basis-full rounded-lg border border-bad/40 bg-bad-soft p-3 text-bad text-sm"
    >
      <p className="font-medium">{problem?.title ?? 'It could not be sent'}</p>
      <p>{[problem?.detail ?? error.message, rest].filter(Boolean).join(' ')}</p>
      {problem?.isOffline ? (
        <p>Place it again once the server is back: unchanged, it is placed only once.</p>
      ) : null}
      {problem?.requestId ? <p className="mt-1 text-xs">Request {problem.requestId}</p> : null}
    </div>
  );
}

interface FooterProps {
  isPlacing: boolean;
  error: Error | null;
}

/** Always in sight, and with it why the order was not placed. */
function Footer({ isPlacing, error }: FooterProps) {
  const values = useWatch<FormValues>() as FormValues;
  const total = totalOf(values);
  return (
    <div className="sticky bottom-0 -mx-4 flex flex-wrap items-center gap-x-4 gap-y-3 border-t bg-background px-4 py-3 md:-mx-6 md:px-6">
      <Failure error={error} />
      <span className="flex-1 text-muted-foreground text-sm">
        Total{' '}
        {total === undefined ? (
          '–'
        ) : (
          <Money
            minor={total}
            currency={values.currency}
            exponent={exponentOf(values.currency)}
            className="font-semibold text-base text-foreground"
          />
        )}
      </span>
      {/* Not disabled, which would take the focus away. */}
      <Button type="submit" size="lg" aria-disabled={isPlacing} aria-busy={isPlacing}>
        {isPlacing ? 'Placing…' : 'Place order'}
      </Button>
    </div>
  );
}
