import type { Series } from '@/features/overview/charts/pipeline-charts';
import { usePreferences } from '@/shared/lib/preferences';
import { timeOfDay } from '@/shared/lib/time';

const ROWS = 20;

interface SeriesTableProps {
  title: string;
  series: readonly Series[];
  firstMs: number;
  everyS: number;
  unit: string;
}

/** The last seconds of the chart in figures. */
export function SeriesTable({ title, series, firstMs, everyS, unit }: SeriesTableProps) {
  const { zone } = usePreferences();
  const length = series[0]?.values.length ?? 0;
  const from = Math.max(0, length - ROWS);
  const seconds = Array.from({ length: length - from }, (_, i) => from + i).reverse();
  return (
    <details className="border-t text-sm">
      <summary className="cursor-pointer px-4 py-2 text-muted-foreground text-xs hover:text-foreground">
        As a table
      </summary>
      <div className="max-h-72 overflow-auto px-4 pb-3">
        <table className="w-full text-right text-xs tabular-nums">
          <caption className="sr-only">
            {title}, the last {seconds.length * everyS} seconds
          </caption>
          <thead>
            <tr className="text-muted-foreground">
              <th scope="col" className="py-1 text-left font-medium">
                Time
              </th>
              {series.map(({ label }) => (
                <th key={label} scope="col" className="py-1 pl-4 font-medium">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {seconds.map((second) => (
              <tr key={second} className="border-t">
                <td className="py-1 text-left">
                  {timeOfDay(firstMs + second * everyS * 1000, zone)}
                </td>
                {series.map(({ label, values }) => (
                  <td key={label} className="py-1 pl-4">
                    {values[second] ?? '–'}
                    {unit && values[second] !== null ? ` ${unit}` : ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
