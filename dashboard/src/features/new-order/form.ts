/** The form's texts as a request, and the server's pointers as the form's fields. */
import type { Schemas } from '@/shared/api/client';
import type { FieldError } from '@/shared/api/problem';
import { addMinor, exponentOf, parseAmount } from '@/shared/lib/money';

export interface LineValues {
  sku: string;
  quantity: string;
  unitPrice: string;
}

export interface FormValues {
  reference: string;
  customerId: string;
  currency: string;
  lines: LineValues[];
  shipping: string;
  name: string;
  line1: string;
  line2: string;
  postalCode: string;
  city: string;
  region: string;
  country: string;
  email: string;
  phone: string;
  paymentMethod: string;
}

export const EMPTY_LINE: LineValues = { sku: '', quantity: '1', unitPrice: '' };

export const EMPTY_FORM: FormValues = {
  reference: '',
  customerId: '',
  currency: 'EUR',
  lines: [EMPTY_LINE],
  shipping: '',
  name: '',
  line1: '',
  line2: '',
  postalCode: '',
  city: '',
  region: '',
  country: '',
  email: '',
  phone: '',
  paymentMethod: 'pm_ok',
};

/** By the form's field. */
export type Problems = Record<string, string>;

export interface Built {
  /** Refused by the server if there are problems: what cannot be read is no number in it. */
  request: Schemas['OrderRequest'];
  /** What is known without the server; what is right, it says. */
  problems: Problems;
}

const REQUIRED = [
  'customerId',
  'paymentMethod',
  'name',
  'line1',
  'postalCode',
  'city',
  'country',
] as const;
const MISSING = 'This is missing.';

export function requestOf(
  values: FormValues,
  titles: ReadonlyMap<string, string | undefined> = new Map(),
): Built {
  const problems: Problems = {};
  for (const field of REQUIRED) if (values[field].trim() === '') problems[field] = MISSING;
  const exponent = exponentOf(values.currency);
  const amount = (text: string, field: string): number => {
    const parsed = parseAmount(text, exponent);
    if (parsed.ok) return parsed.minor;
    problems[field] = text.trim() === '' ? MISSING : parsed.because;
    return Number.NaN;
  };
  const lines = values.lines.map((line, index) => {
    const sku = line.sku.trim();
    const title = titles.get(sku);
    if (sku === '') problems[`lines.${index}.sku`] = MISSING;
    const isWhole = /^\d+$/.test(line.quantity.trim());
    if (!isWhole) problems[`lines.${index}.quantity`] = 'Write a whole number.';
    return {
      sku,
      ...(title !== undefined && { title }),
      quantity: isWhole ? Number(line.quantity) : Number.NaN,
      unit_price: amount(line.unitPrice, `lines.${index}.unitPrice`),
    };
  });
  const shipping = values.shipping.trim() === '' ? 0 : amount(values.shipping, 'shipping');
  const optional = (name: string, text: string) => (text.trim() ? { [name]: text.trim() } : {});
  const request: Schemas['OrderRequest'] = {
    ...optional('reference', values.reference),
    customer_id: values.customerId.trim(),
    currency: values.currency,
    lines,
    ...(shipping !== 0 && { adjustments: [{ kind: 'shipping', amount: shipping }] }),
    ship_to: {
      name: values.name.trim(),
      line1: values.line1.trim(),
      ...optional('line2', values.line2),
      city: values.city.trim(),
      ...optional('region', values.region),
      postal_code: values.postalCode.trim(),
      country: values.country.trim().toUpperCase(),
      ...optional('email', values.email),
      ...optional('phone', values.phone),
    },
    payment_method: values.paymentMethod.trim(),
  };
  return { request, problems };
}

/** What it comes to so far, or undefined while an amount is no amount. */
export function totalOf(values: FormValues): number | undefined {
  const { lines, adjustments = [] } = requestOf(values).request;
  return addMinor([
    ...lines.map((line) => line.quantity * line.unit_price),
    ...adjustments.map((adjustment) => adjustment.amount),
  ]);
}

const FIELDS: Record<string, string> = {
  '/reference': 'reference',
  '/customer_id': 'customerId',
  '/currency': 'currency',
  '/payment_method': 'paymentMethod',
  '/ship_to/name': 'name',
  '/ship_to/line1': 'line1',
  '/ship_to/line2': 'line2',
  '/ship_to/city': 'city',
  '/ship_to/region': 'region',
  '/ship_to/postal_code': 'postalCode',
  '/ship_to/country': 'country',
  '/ship_to/email': 'email',
  '/ship_to/phone': 'phone',
  '/adjustments/0/amount': 'shipping',
};
const LINE = /^\/lines\/(\d+)\/(sku|quantity|unit_price|title)$/;

/** By the form's field; what belongs to none of them stands under ''. */
export function problemsOf(errors: readonly FieldError[]): Problems {
  const problems: Problems = {};
  for (const { pointer, detail } of errors) {
    const line = LINE.exec(pointer);
    const member =
      line?.[2] === 'unit_price' ? 'unitPrice' : line?.[2] === 'title' ? 'sku' : line?.[2];
    const field = line ? `lines.${line[1]}.${member}` : (FIELDS[pointer] ?? '');
    problems[field] = problems[field] ? `${problems[field]} ${detail}` : detail;
  }
  return problems;
}
