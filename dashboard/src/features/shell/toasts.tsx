import { Toaster } from 'sonner';
import { usePreferences } from '@/shared/lib/preferences';

export default function Toasts() {
  const { theme } = usePreferences();
  return <Toaster theme={theme} position="bottom-right" closeButton visibleToasts={4} />;
}
