/**
 * The query of the order list: terms with blanks between them, all of which an order must match.
 * It is the grammar of `conveyor orders list`, with the same sentences for mistakes:
 *
 *   status:failed,cancelled   step:book_shipment   customer:c1   reference:R-17   sku:A
 *   failing:true   created:2026-01-31   created:>2026-01-01   updated:<=2026-01-31T12:00:00Z
 *
 * A `-` before a term excludes what it matches. A bare date stands for the whole day (UTC). The
 * server filters what it can; the rest is excluded here, row by row.
 */
import {
  isStatus,
  isStep,
  STATUSES,
  STEPS,
  type Status,
  type Step,
} from '@/shared/domain/vocabulary';

/** Both exclusive. */
export interface Bounds {
  afterMs?: number;
  beforeMs?: number;
}

export interface OrderQuery {
  statuses: Status[]; // any of these; empty: all
  step?: Step;
  customer?: string;
  reference?: string;
  sku?: string;
  failing?: boolean; // a failure stands
  created: Bounds;
  updated: Bounds; // of the last event
  notSteps: string[];
  notCustomers: string[];
  notReferences: string[];
}

export type ParsedQuery = { ok: true; query: OrderQuery } | { ok: false; because: string };

const FIELDS =
  'status, step, customer, reference, sku, failing, created and updated (such as status:failed)';

class Mistake extends Error {}

function fail(because: string): never {
  throw new Mistake(because);
}

/** Terms as they stand in the text. */
export function termsOf(text: string): string[] {
  return text.split(/[ \t\r\n]+/).filter((term) => term !== '');
}

class Parser {
  private readonly query: OrderQuery = {
    statuses: [],
    created: {},
    updated: {},
    notSteps: [],
    notCustomers: [],
    notReferences: [],
  };
  private readonly notStatuses = new Set<Status>();

  add(whole: string): void {
    const isNegated = whole.startsWith('-');
    const term = isNegated ? whole.slice(1) : whole;
    const colon = term.indexOf(':');
    if (colon < 0) fail(`"${term}" is no term: write FIELD:VALUE with one of ${FIELDS}`);
    const field = term.slice(0, colon);
    const value = term.slice(colon + 1);
    if (value === '') fail(`${field}: has no value`);
    switch (field) {
      case 'status':
        return this.addStatuses(value, isNegated);
      case 'step':
        return this.addStep(value, isNegated);
      case 'customer':
      case 'reference':
        return this.addText(field, value, isNegated);
      case 'sku':
        if (isNegated) fail("-sku is not possible: the list does not tell an order's SKUs");
        return this.setOnce('sku', 'sku', value);
      case 'failing':
        return this.addFailing(value, isNegated);
      case 'created':
      case 'updated':
        if (isNegated) fail(`-${field} is not possible: turn the comparison round`);
        return this.addTime(this.query[field], value);
      default:
        return fail(`${field} is not a field; there are ${FIELDS}`);
    }
  }

  finish(): OrderQuery {
    if (this.notStatuses.size === 0) return this.query;
    const all = this.query.statuses.length > 0 ? this.query.statuses : [...STATUSES];
    const wanted = all.filter((s) => !this.notStatuses.has(s));
    if (wanted.length === 0) fail('no status is left');
    this.query.statuses = wanted;
    return this.query;
  }

  private addStatuses(value: string, isNegated: boolean): void {
    for (const name of value.split(',')) {
      if (!isStatus(name)) fail(`${name} is not a status; there are ${STATUSES.join(', ')}`);
      if (isNegated) this.notStatuses.add(name);
      else if (!this.query.statuses.includes(name)) this.query.statuses.push(name);
    }
  }

  private addStep(value: string, isNegated: boolean): void {
    if (!isStep(value)) fail(`${value} is not a step; there are ${STEPS.join(', ')}`);
    if (isNegated) {
      this.query.notSteps.push(value);
      return;
    }
    if (this.query.step !== undefined && this.query.step !== value) {
      fail(`step:${this.query.step} and step:${value} exclude each other`);
    }
    this.query.step = value;
  }

  private addText(field: 'customer' | 'reference', value: string, isNegated: boolean): void {
    if (!isNegated) return this.setOnce(field, field, value);
    if (field === 'customer') this.query.notCustomers.push(value);
    else this.query.notReferences.push(value);
  }

  private setOnce(slot: 'customer' | 'reference' | 'sku', field: string, value: string): void {
    const known = this.query[slot];
    if (known !== undefined && known !== value) {
      fail(`${field}:${known} and ${field}:${value} exclude each other`);
    }
    this.query[slot] = value;
  }

  private addFailing(value: string, isNegated: boolean): void {
    if (value !== 'true' && value !== 'false') {
      fail(`failing:${value} is not possible: write failing:true or failing:false`);
    }
    const wanted = (value === 'true') !== isNegated;
    if ((this.query.failing ?? wanted) !== wanted) {
      fail('failing:true and failing:false exclude each other');
    }
    this.query.failing = wanted;
  }

  /** Every comparison becomes one or two exclusive bounds. */
  private addTime(bounds: Bounds, value: string): void {
    const operation = /^[<>=]*/.exec(value)?.[0] ?? '';
    const text = value.slice(operation.length);
    const first = parseTime(text);
    if (first === undefined) {
      return fail(
        `"${text}" is not a time: write 2026-01-31 or 2026-01-31T12:00:00Z, with <, <=, > or >= before it`,
      );
    }
    const last = text.includes('T') ? first : first + 86_400_000 - 1;
    switch (operation) {
      case '>':
        return after(bounds, last);
      case '>=':
        return after(bounds, first - 1);
      case '<':
        return before(bounds, first);
      case '<=':
        return before(bounds, last + 1);
      case '':
      case '=':
        after(bounds, first - 1);
        return before(bounds, last + 1);
      default:
        return fail(`${operation} is not a comparison`);
    }
  }
}

function after(bounds: Bounds, ms: number): void {
  bounds.afterMs = Math.max(bounds.afterMs ?? ms, ms);
}

function before(bounds: Bounds, ms: number): void {
  bounds.beforeMs = Math.min(bounds.beforeMs ?? ms, ms);
}

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

function parseTime(text: string): number | undefined {
  const match = DAY.exec(text) ?? INSTANT.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  // Date.parse takes the 31st of February for the 3rd of March.
  const inMonth = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  const isTime = (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
  const isDate =
    (month ?? 0) >= 1 && (month ?? 0) <= 12 && (day ?? 0) >= 1 && (day ?? 0) <= inMonth;
  if (!isTime || !isDate) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

export function parseOrderQuery(text: string): ParsedQuery {
  const parser = new Parser();
  try {
    for (const term of termsOf(text)) parser.add(term);
    return { ok: true, query: parser.finish() };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, because: error.message };
    throw error;
  }
}

/** What the server is asked. */
export interface OrderListParameters {
  status?: Status[];
  step?: Step;
  customer_id?: string;
  reference?: string;
  sku?: string;
  failing?: boolean;
  created_after?: string;
  created_before?: string;
  updated_after?: string;
  updated_before?: string;
}

export function parametersOf(query: OrderQuery): OrderListParameters {
  const { created, updated } = query;
  return {
    ...(query.statuses.length > 0 && { status: query.statuses }),
    ...(query.step !== undefined && { step: query.step }),
    ...(query.customer !== undefined && { customer_id: query.customer }),
    ...(query.reference !== undefined && { reference: query.reference }),
    ...(query.sku !== undefined && { sku: query.sku }),
    ...(query.failing !== undefined && { failing: query.failing }),
    ...(created.afterMs !== undefined && { created_after: iso(created.afterMs) }),
    ...(created.beforeMs !== undefined && { created_before: iso(created.beforeMs) }),
    ...(updated.afterMs !== undefined && { updated_after: iso(updated.afterMs) }),
    ...(updated.beforeMs !== undefined && { updated_before: iso(updated.beforeMs) }),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

interface Row {
  status: Status;
  step: string;
  customer_id: string;
  reference?: string;
  fingerprint?: string; // of the failure that stands
  created_at: string;
  updated_at: string;
}

/** Whether a row survives what the server cannot exclude. */
export function isWanted(query: OrderQuery, row: Pick<Row, 'step' | 'customer_id' | 'reference'>) {
  return (
    !query.notSteps.includes(row.step) &&
    !query.notCustomers.includes(row.customer_id) &&
    !query.notReferences.includes(row.reference ?? '')
  );
}

/** Whether a row that came live belongs to the list. `sku` is the server's to know. */
export function matches(query: OrderQuery, row: Row): boolean {
  return (
    isWanted(query, row) &&
    query.sku === undefined &&
    (query.statuses.length === 0 || query.statuses.includes(row.status)) &&
    (query.step === undefined || query.step === row.step) &&
    (query.customer === undefined || query.customer === row.customer_id) &&
    (query.reference === undefined || query.reference === row.reference) &&
    (query.failing === undefined || query.failing === (row.fingerprint !== undefined)) &&
    isWithin(query.created, row.created_at) &&
    isWithin(query.updated, row.updated_at)
  );
}

function isWithin({ afterMs, beforeMs }: Bounds, at: string): boolean {
  const ms = Date.parse(at);
  return (afterMs === undefined || ms > afterMs) && (beforeMs === undefined || ms < beforeMs);
}
