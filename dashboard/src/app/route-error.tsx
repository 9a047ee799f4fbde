import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ErrorState } from '@/shared/ui/states';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => void router.invalidate().finally(reset); // its code as well, if it is missing
  return <ErrorState error={error} onRetry={again} />;
}
