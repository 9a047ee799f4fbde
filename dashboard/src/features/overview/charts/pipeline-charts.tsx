import { useMemo } from 'react';
import { SeriesChart } from '@/features/overview/charts/series-chart';
import { SeriesTable } from '@/features/overview/charts/series-table';
import { grouped, means } from '@/features/overview/merge-pipeline';
import type { Schemas } from '@/shared/api/client';
import { Card, CardHeader, CardTitle } from '@/shared/ui/card';

export interface Series {
  label: string;
  color: string; // a token of the theme
  values: readonly (number | null)[];
}

/** Flow and latency over the same seconds; their cursors go together. */
export default function PipelineCharts({ pipeline }: { pipeline: Schemas['Pipeline'] }) {
  const firstMs = Date.parse(pipeline.first_second);
  const everyS = pointSeconds(pipeline.seconds);
  const flow = useMemo(() => flowOf(pipeline, everyS), [pipeline, everyS]);
  const latency = useMemo(() => latencyOf(pipeline, everyS), [pipeline, everyS]);
  return (
    <>
      <ChartCard
        title="Orders per second"
        unit=""
        series={flow}
        firstMs={firstMs}
        everyS={everyS}
      />
      <ChartCard
        title="Slowest 5 % of calls"
        unit="ms"
        series={latency}
        firstMs={firstMs}
        everyS={everyS}
      />
    </>
  );
}

interface ChartCardProps {
  title: string;
  unit: string;
  series: readonly Series[];
  firstMs: number;
  everyS: number;
}

function ChartCard({ title, unit, series, firstMs, everyS }: ChartCardProps) {
  return (
    <Card aria-label={title}>
      <CardHeader>
        <CardTitle className="flex-1 whitespace-nowrap">{title}</CardTitle>
        <ul className="flex flex-wrap gap-x-4 text-muted-foreground text-xs">
          {series.map(({ label, color }) => (
            <li key={label} className="flex items-center gap-1.5">
              <span
                aria-hidden
                className="h-0.5 w-3 rounded-full"
                style={{ background: `var(${color})` }}
              />
              {label}
            </li>
          ))}
        </ul>
      </CardHeader>
      <div className="px-2 pt-2">
        <SeriesChart series={series} firstMs={firstMs} everyS={everyS} unit={unit} />
      </div>
      <SeriesTable title={title} series={series} firstMs={firstMs} everyS={everyS} unit={unit} />
    </Card>
  );
}

/** Several seconds are one point where the time is long: as many points as one can tell apart. */
function pointSeconds(seconds: number): number {
  if (seconds <= 60) return 1;
  return seconds <= 300 ? 5 : 15;
}

function flowOf({ series }: Schemas['Pipeline'], everyS: number): Series[] {
  return [
    { label: 'Placed', color: '--info', values: means(series.intake, everyS) },
    { label: 'Completed', color: '--good', values: means(series.completed, everyS) },
    { label: 'Undone', color: '--undo', values: means(series.undone, everyS) },
    { label: 'Dead-lettered', color: '--bad', values: means(series.dead_lettered, everyS) },
  ];
}

function latencyOf({ steps }: Schemas['Pipeline'], everyS: number): Series[] {
  const of = (participant: Schemas['Participant']) => {
    const all = steps.filter((step) => step.participant === participant);
    const length = all[0]?.series.p95_ms.length ?? 0;
    const seconds = Array.from({ length }, (_, second) =>
      all.flatMap((step) => step.series.p95_ms[second] ?? []),
    );
    return grouped(seconds, everyS).map((some) => {
      const known = some.flat();
      return known.length > 0 ? Math.max(...known) : null;
    });
  };
  return [
    { label: 'Inventory', color: '--good', values: of('inventory') },
    { label: 'Payment', color: '--info', values: of('payment') },
    { label: 'Shipping', color: '--undo', values: of('shipping') },
  ];
}
