import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CirclePause,
  CircleX,
  type LucideIcon,
  OctagonX,
  TriangleAlert,
  Truck,
  Undo2,
} from 'lucide-react';
import { type Status, statusLabel } from '@/shared/domain/vocabulary';
import { cn } from '@/shared/lib/cn';
import { Badge, type Tone } from '@/shared/ui/badge';

const LOOKS: Record<Status, { icon: LucideIcon; tone: Tone }> = {
  pending: { icon: CircleDashed, tone: 'info' },
  processing: { icon: CircleDot, tone: 'info' },
  on_hold: { icon: CirclePause, tone: 'warn' },
  dead_lettered: { icon: OctagonX, tone: 'bad' },
  shipped: { icon: Truck, tone: 'info' },
  completed: { icon: CircleCheck, tone: 'good' },
  cancelling: { icon: Undo2, tone: 'undo' },
  compensating: { icon: Undo2, tone: 'undo' },
  needs_attention: { icon: TriangleAlert, tone: 'bad' },
  cancelled: { icon: Ban, tone: 'quiet' },
  failed: { icon: CircleX, tone: 'quiet' },
};

/** A status is an icon and a word; its colour only repeats them. */
export function StatusBadge({ status, className }: { status: Status; className?: string }) {
  const { icon: Icon, tone } = LOOKS[status];
  return (
    <Badge tone={tone} className={cn(className)} data-status={status}>
      <Icon aria-hidden />
      {statusLabel(status)}
    </Badge>
  );
}
