export const COLUMNS = [
  { id: 'order', label: 'Order', width: 'minmax(7.5rem, 1fr)' },
  { id: 'status', label: 'Status', width: '9.5rem' },
  { id: 'step', label: 'Step', width: '9rem' },
  { id: 'failure', label: 'Failure', width: 'minmax(7.5rem, 1fr)' },
  { id: 'next', label: 'Next try', width: '5.5rem' },
  { id: 'attempts', label: 'Failed', width: '4.5rem' },
  { id: 'customer', label: 'Customer', width: 'minmax(7.5rem, 1fr)' },
  { id: 'total', label: 'Total', width: '10.5rem' },
  { id: 'created', label: 'Placed', width: '6.5rem' },
  { id: 'updated', label: 'Changed', width: '6.5rem' },
  { id: 'health', label: 'Health', width: '7rem' },
  { id: 'version', label: 'Version', width: '4.5rem' },
  { id: 'run', label: 'Run', width: '3.5rem' },
  { id: 'correlation', label: 'Correlation', width: 'minmax(10rem, 1fr)' },
] as const;

export type Column = (typeof COLUMNS)[number];
export type ColumnId = Column['id'];

const USUAL: readonly ColumnId[] = [
  'order',
  'status',
  'step',
  'failure',
  'next',
  'customer',
  'total',
  'created',
];

/** The order itself is always there. */
export function columnsOf(text: string | undefined): Column[] {
  const wanted = text === undefined ? USUAL : ['order', ...text.split(',')];
  return COLUMNS.filter((column) => (wanted as readonly string[]).includes(column.id));
}

/** Of the grid that each row is, the box to select it first. */
export function templateOf(columns: readonly Column[]): string {
  return `1.5rem ${columns.map((column) => column.width).join(' ')}`;
}

/** For the URL; undefined: the usual ones. */
export function columnsText(ids: readonly ColumnId[]): string | undefined {
  const isUsual = ids.length === USUAL.length && USUAL.every((id) => ids.includes(id));
  return isUsual ? undefined : ids.filter((id) => id !== 'order').join(',') || 'order';
}
