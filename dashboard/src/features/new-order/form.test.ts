import { describe, expect, it } from 'vitest';
import {
  EMPTY_FORM,
  type FormValues,
  problemsOf,
  requestOf,
  totalOf,
} from '@/features/new-order/form';

const form: FormValues = {
  ...EMPTY_FORM,
  customerId: ' c-1 ',
  lines: [{ sku: 'tea', quantity: '2', unitPrice: '8.90' }],
  shipping: '4,90',
  name: 'Ada',
  line1: 'Main Street 1',
  postalCode: '10115',
  city: 'Berlin',
  country: 'de',
};

describe('requestOf', () => {
  it('makes minor units of what is typed, and leaves out what is empty', () => {
    expect(requestOf(form, new Map([['tea', 'Earl Grey']]))).toEqual({
      problems: {},
      request: {
        customer_id: 'c-1',
        currency: 'EUR',
        lines: [{ sku: 'tea', title: 'Earl Grey', quantity: 2, unit_price: 890 }],
        adjustments: [{ kind: 'shipping', amount: 490 }],
        ship_to: {
          name: 'Ada',
          line1: 'Main Street 1',
          city: 'Berlin',
          postal_code: '10115',
          country: 'DE',
        },
        payment_method: 'pm_ok',
      },
    });
  });

  it('follows the decimals of the currency', () => {
    const yen = { ...form, currency: 'JPY', shipping: '' };
    expect(requestOf(yen)).toMatchObject({
      problems: { 'lines.0.unitPrice': 'This currency has no decimals.' },
    });
    const dinar = { ...form, currency: 'KWD', shipping: '1.234' };
    expect(requestOf(dinar)).toMatchObject({
      request: { lines: [{ unit_price: 8900 }], adjustments: [{ amount: 1234 }] },
    });
  });

  it('names all that is missing or cannot be read, and sends no number for it', () => {
    const { request, problems } = requestOf({
      ...form,
      customerId: ' ',
      city: '',
      shipping: 'x',
      lines: [
        { sku: '', quantity: '1.5', unitPrice: '' },
        { sku: 'tea', quantity: '', unitPrice: '-' },
      ],
    });
    expect(problems).toEqual({
      customerId: 'This is missing.',
      city: 'This is missing.',
      shipping: 'Write digits only, such as 12.50.',
      'lines.0.sku': 'This is missing.',
      'lines.0.quantity': 'Write a whole number.',
      'lines.0.unitPrice': 'This is missing.',
      'lines.1.quantity': 'Write a whole number.',
      'lines.1.unitPrice': 'Write digits only, such as 12.50.',
    });
    const sent = JSON.parse(JSON.stringify(request));
    expect(sent.lines[0]).toEqual({ sku: '', quantity: null, unit_price: null });
    expect(sent.adjustments).toEqual([{ kind: 'shipping', amount: null }]);
  });
});

it('adds up, as long as there is something to add', () => {
  expect(totalOf(form)).toBe(2270);
  expect(totalOf({ ...form, shipping: 'x' })).toBeUndefined();
  expect(totalOf({ ...form, customerId: '' })).toBe(2270);
});

it("puts the server's errors beside their fields", () => {
  const error = (pointer: string, detail: string) => ({ pointer, code: 'x', detail });
  expect(
    problemsOf([
      error('/lines/1/unit_price', 'too small'),
      error('/ship_to/city', 'is missing'),
      error('/lines/0/sku', 'a'),
      error('/lines/0/title', 'b'),
      error('/metadata/x', 'unknown'),
    ]),
  ).toEqual({
    'lines.1.unitPrice': 'too small',
    city: 'is missing',
    'lines.0.sku': 'a b',
    '': 'unknown',
  });
});
