import { Link } from '@tanstack/react-router';
import { ChevronRight, CircleCheck, Inbox, LogIn, Undo2, ZapOff } from 'lucide-react';
import type { ReactNode } from 'react';
import { perSecond, thinned } from '@/features/overview/merge-pipeline';
import { Sparkline } from '@/features/overview/sparkline';
import type { Schemas } from '@/shared/api/client';
import { STAGES, type Step, words } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';
import { duration } from '@/shared/lib/time';
import { Badge } from '@/shared/ui/badge';
import { Since } from '@/shared/ui/time';

const RATE_SECONDS = 10;
const POINTS = 60;

type Pipeline = Schemas['Pipeline'];

/** Intake → Inventory → Payment → Shipping → Completed, with the side exits. */
export function PipelineStrip({ pipeline }: { pipeline: Pipeline }) {
  const { series } = pipeline;
  const dead = pipeline.steps.reduce((sum, step) => sum + step.dead, 0);
  return (
    <section aria-label="Pipeline" className="flex flex-col gap-2">
      <div className="grid items-stretch gap-2 md:grid-cols-2 lg:grid-cols-[minmax(7.5rem,0.6fr)_repeat(3,minmax(0,1.4fr))_minmax(7.5rem,0.6fr)]">
        <End icon={<LogIn />} label="Intake" series={series.intake} className="text-info">
          <Link to="/orders" className="after:absolute after:inset-0">
            Intake
          </Link>
        </End>
        {STAGES.map((stage) => (
          <Stage key={stage.id} stage={stage} pipeline={pipeline} />
        ))}
        <End
          icon={<CircleCheck />}
          label="Completed"
          series={series.completed}
          className="text-good"
        >
          <Link
            to="/orders"
            search={{ q: 'status:completed' }}
            className="after:absolute after:inset-0"
          >
            Completed
          </Link>
        </End>
      </div>
      <div className="grid gap-2 sm:grid-cols-2">
        <Exit icon={<Undo2 />} count={perSecond(series.undone, RATE_SECONDS)} unit="a second">
          <Link
            to="/orders"
            search={{ q: 'status:cancelling,compensating,cancelled,failed' }}
            className="after:absolute after:inset-0"
          >
            Undone
          </Link>
        </Exit>
        <Exit icon={<Inbox />} count={dead.toLocaleString('en-GB')} unit="waiting" isBad={dead > 0}>
          <Link to="/dead-letters" className="after:absolute after:inset-0">
            Dead letters
          </Link>
        </Exit>
      </div>
    </section>
  );
}

const cardClass =
  'relative flex min-w-0 flex-col rounded-lg border bg-card p-3 hover:border-ring/50 focus-within:border-ring/50';

interface EndProps {
  icon: ReactNode;
  label: string;
  series: readonly number[];
  className: string;
  children: ReactNode;
}

function End({ icon, label, series, className, children }: EndProps) {
  return (
    <div className={cn(cardClass, 'justify-between gap-2')} data-stage={label}>
      <span className="flex items-center gap-2 font-medium text-sm">
        <span className={cn('[&_svg]:size-4', className)} aria-hidden>
          {icon}
        </span>
        {children}
      </span>
      <span className="text-2xl tabular-nums tracking-tight">
        {perSecond(series, RATE_SECONDS)}
        <span className="ml-1 text-muted-foreground text-sm">/s</span>
      </span>
      <Sparkline values={thinned(series, POINTS)} className={className} />
    </div>
  );
}

type StageSpec = (typeof STAGES)[number];

function Stage({ stage, pipeline }: { stage: StageSpec; pipeline: Pipeline }) {
  const steps = stage.steps.flatMap((name) => pipeline.steps.filter((s) => s.step === name));
  const orders = steps.reduce((sum, step) => sum + step.orders, 0);
  const breaker = steps[0]?.breaker ?? 'closed';
  return (
    <div className={cn(cardClass, 'gap-1.5')} data-stage={stage.label}>
      <div className="flex items-center gap-2 text-sm">
        <h2 className="font-medium">{stage.label}</h2>
        {breaker === 'closed' ? null : (
          <Badge tone={breaker === 'open' ? 'bad' : 'warn'}>
            <ZapOff aria-hidden /> Breaker {breaker === 'open' ? 'open' : 'half open'}
          </Badge>
        )}
        <span className="ml-auto text-muted-foreground text-xs tabular-nums">
          {orders.toLocaleString('en-GB')} {orders === 1 ? 'order' : 'orders'}
        </span>
      </div>
      {steps.map((step) => (
        <StepRow key={step.step} step={step} />
      ))}
    </div>
  );
}

function StepRow({ step }: { step: Schemas['PipelineStep'] }) {
  const { last_minute: minute, series } = step;
  const errors = minute.errors_permille ?? 0;
  const p = (ms: number | null) => (ms === null ? '–' : duration(ms));
  return (
    <Link
      to="/orders"
      search={{ q: ordersAt(step.step) }}
      data-step={step.step}
      className="-mx-1.5 flex flex-col gap-0.5 rounded-md px-1.5 py-1 hover:bg-accent"
      title="Open orders at this step; latency and errors are of the last minute"
    >
      <span className="flex items-center gap-1.5 text-xs">
        <span className="min-w-0 flex-1 truncate">{words(step.step)}</span>
        <span className="text-muted-foreground tabular-nums">
          {perSecond(series.in, RATE_SECONDS)}
          <ChevronRight role="img" aria-label="in, then out" className="inline size-3" />
          {perSecond(series.out, RATE_SECONDS)}/s
        </span>
      </span>
      <Sparkline values={thinned(series.out, POINTS)} className="text-info" />
      <span className="flex flex-wrap gap-x-2.5 text-muted-foreground text-xs tabular-nums">
        <span>p50 {p(minute.p50_ms)}</span>
        <span>p95 {p(minute.p95_ms)}</span>
        <span>p99 {p(minute.p99_ms)}</span>
      </span>
      <span className="flex flex-wrap gap-x-2.5 text-muted-foreground text-xs tabular-nums">
        <span>{step.waiting.toLocaleString('en-GB')} waiting</span>
        {step.in_flight > 0 ? <span>{step.in_flight} in flight</span> : null}
        {step.retrying > 0 ? <span className="text-warn">{step.retrying} retrying</span> : null}
        {step.dead > 0 ? <span className="text-bad">{step.dead} dead</span> : null}
        {step.oldest_since ? (
          <span>
            oldest <Since at={step.oldest_since} />
          </span>
        ) : null}
        {errors > 0 ? <span className="text-warn">{errors / 10} % errors</span> : null}
      </span>
    </Link>
  );
}

function ordersAt(step: Step): string {
  return `status:pending,processing,shipped,dead_lettered step:${step}`;
}

interface ExitProps {
  icon: ReactNode;
  count: string;
  unit: string;
  isBad?: boolean;
  children: ReactNode;
}

function Exit({ icon, count, unit, isBad = false, children }: ExitProps) {
  return (
    <div className={cn(cardClass, 'flex-row items-center gap-2 py-2 text-sm')}>
      <span
        className={cn('[&_svg]:size-4', isBad ? 'text-bad' : 'text-muted-foreground')}
        aria-hidden
      >
        {icon}
      </span>
      <span className="font-medium">{children}</span>
      <span className="ml-auto tabular-nums">
        {count} <span className="text-muted-foreground text-xs">{unit}</span>
      </span>
    </div>
  );
}
