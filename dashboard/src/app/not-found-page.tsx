import { Link } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { Button } from '@/shared/ui/button';
import { EmptyState } from '@/shared/ui/states';

export function NotFoundPage() {
  return (
    <EmptyState icon={<Compass />} title="There is no page at this address">
      <p>It may have been mistyped, or belong to another version.</p>
      <Button asChild variant="outline">
        <Link to="/">Go to the overview</Link>
      </Button>
    </EmptyState>
  );
}
