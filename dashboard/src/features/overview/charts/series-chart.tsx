import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Series } from '@/features/overview/charts/pipeline-charts';
import { useThemeName } from '@/shared/hooks/use-theme-name';
import { usePreferences } from '@/shared/lib/preferences';
import { timeOfDay, type Zone } from '@/shared/lib/time';

const HEIGHT_PX = 170;
const FONT = '11px Inter, sans-serif';
/** Of an axis: beside its labels, and without labels. */
const AXIS_GAP_PX = 14;
const AXIS_MIN_PX = 40;
const SYNC = uPlot.sync('pipeline');

interface SeriesChartProps {
  series: readonly Series[];
  firstMs: number;
  /** Seconds of one point. */
  everyS: number;
  unit: string;
}

/** A canvas, hidden from screen readers: the table below says the same. */
export function SeriesChart({ series, firstMs, everyS, unit }: SeriesChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const theme = useThemeName();
  const { zone } = usePreferences();
  const shape = `${series.map(({ label, color }) => label + color).join()}/${theme}/${zone}/${unit}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew where its shape changes
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const plot = new uPlot(optionsOf(series, element.clientWidth, unit, zone), [[]], element);
    chart.current = plot;
    const resize = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    resize.observe(element);
    return () => {
      resize.disconnect();
      plot.destroy();
      chart.current = undefined;
    };
  }, [shape]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new chart needs its data as well
  useEffect(() => {
    const length = series[0]?.values.length ?? 0;
    const seconds = Array.from({ length }, (_, i) => firstMs / 1000 + i * everyS);
    chart.current?.setData([seconds, ...series.map(({ values }) => [...values])]);
  }, [series, firstMs, everyS, shape]);
  return <div ref={place} aria-hidden style={{ height: HEIGHT_PX }} className="overflow-hidden" />;
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function optionsOf(
  series: readonly Series[],
  width: number,
  unit: string,
  zone: Zone,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: token('--muted-foreground'),
    font: FONT,
    grid: { stroke: token('--border'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { sync: { key: SYNC.key }, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_self, _min, max) => [0, Math.max(unit ? 10 : 1, max * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 28,
        space: 90,
        values: (_self, ticks) => ticks.map((s) => timeOfDay(s * 1000, zone)),
      },
      {
        ...axis,
        size: widest,
        values: (_self, ticks) => ticks.map((n) => `${n.toLocaleString('en-GB')} ${unit}`.trim()),
      },
    ],
    series: [
      {},
      ...series.map(({ label, color }) => ({
        label,
        stroke: token(color),
        width: 1.5,
        spanGaps: true,
        points: { show: isAlone, size: 5 },
      })),
    ],
  };
}

/** A line of one value is none: it has to be a point. */
function isAlone(self: uPlot, index: number): boolean {
  let known = 0;
  for (const value of self.data[index] ?? []) if (typeof value === 'number') known += 1;
  return known === 1;
}

/** As wide as the axis's longest label needs it. */
function widest(self: uPlot, labels: (string | null)[] | null): number {
  self.ctx.save();
  self.ctx.font = FONT;
  const widths = (labels ?? []).map((label) => self.ctx.measureText(label ?? '').width);
  self.ctx.restore();
  return Math.max(AXIS_MIN_PX, Math.ceil(Math.max(0, ...widths)) + AXIS_GAP_PX);
}
