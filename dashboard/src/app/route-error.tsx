import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { isApiError } from '@/shared/api/problem';
import { useLiveStatus } from '@/shared/live/hooks';
import { ErrorState } from '@/shared/ui/states';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => void router.invalidate().finally(reset); // its code as well, if it is missing
  const latest = useRef(again);
  useEffect(() => {
    latest.current = again;
  });
  const isBack = useLiveStatus().kind === 'live' && isApiError(error) && error.isOffline;
  useEffect(() => {
    if (isBack) latest.current();
  }, [isBack]);
  return <ErrorState error={error} onRetry={again} />;
}
