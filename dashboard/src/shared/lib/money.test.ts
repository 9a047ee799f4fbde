import { describe, expect, it } from 'vitest';
import { addMinor, exponentOf, formatAmount, formatMoney, parseAmount } from '@/shared/lib/money';

const en = { locale: 'en-GB' };

describe('formatAmount', () => {
  it.each([
    [0, 2, '0.00'],
    [5, 2, '0.05'],
    [-5, 2, '−0.05'],
    [100, 2, '1.00'],
    [123456789, 2, '1,234,567.89'],
    [1250, 0, '1,250'],
    [0, 0, '0'],
    [1, 3, '0.001'],
    [1234567, 3, '1,234.567'],
    [12345, 4, '1.2345'],
    [-100000, 2, '−1,000.00'],
  ])('%i with exponent %i is %s', (minor, exponent, text) => {
    expect(formatAmount(minor, exponent, en)).toBe(text);
  });

  it('is exact at the largest amount', () => {
    expect(formatAmount(Number.MAX_SAFE_INTEGER, 2, en)).toBe('90,071,992,547,409.91');
    expect(formatAmount(Number.MAX_SAFE_INTEGER, 3, en)).toBe('9,007,199,254,740.991');
    expect(formatAmount(Number.MAX_SAFE_INTEGER, 0, en)).toBe('9,007,199,254,740,991');
  });

  it('shows no number for what is none', () => {
    expect(formatAmount(Number.NaN, 2, en)).toBe('–');
    expect(formatAmount(0.5, 2, en)).toBe('–');
    expect(formatAmount(2 ** 53, 2, en)).toBe('–');
  });

  it('uses the separators of the locale', () => {
    expect(formatAmount(123456789, 2, { locale: 'de-DE' })).toBe('1.234.567,89');
  });

  it('never drops the currency', () => {
    expect(formatMoney(1250, 'JPY', 0, en)).toBe('JPY 1,250');
    expect(formatMoney(1250, 'KWD', 3, en)).toBe('KWD 1.250');
  });
});

describe('parseAmount', () => {
  it.each([
    ['12.50', 2, 1250],
    ['12,50', 2, 1250],
    ['12.5', 2, 1250],
    ['12.', 2, 1200],
    ['12', 2, 1200],
    ['0', 2, 0],
    ['-0', 2, 0],
    ['-3.00', 2, -300],
    ['−3.00', 2, -300],
    ['1250', 0, 1250],
    ['0.001', 3, 1],
    ['0.29', 2, 29],
    ['1.15', 2, 115],
    ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
  ])('%s with exponent %i is %i', (text, exponent, minor) => {
    expect(parseAmount(text, exponent)).toEqual({ ok: true, minor });
  });

  it.each([
    ['', 2],
    ['  ', 2],
    ['abc', 2],
    ['1e3', 2],
    ['1,234.50', 2],
    ['.5', 2],
    ['12.505', 2],
    ['12.5', 0],
    ['90071992547409.92', 2],
    ['Infinity', 2],
  ])('%j with exponent %i is refused', (text, exponent) => {
    expect(parseAmount(text, exponent).ok).toBe(false);
  });

  it('says how many decimals there are', () => {
    expect(parseAmount('1.234', 2)).toEqual({
      ok: false,
      because: 'This currency has at most 2 decimals.',
    });
    expect(parseAmount('1.2', 0)).toEqual({ ok: false, because: 'This currency has no decimals.' });
  });
});

describe('exponentOf', () => {
  it.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
    ['x', 2],
  ])('%s has %i', (currency, exponent) => expect(exponentOf(currency)).toBe(exponent));
});

it('adds as long as it is exact', () => {
  expect(addMinor([1, 2, -5])).toBe(-2);
  expect(addMinor([])).toBe(0);
  expect(addMinor([Number.MAX_SAFE_INTEGER, 1])).toBeUndefined();
});
