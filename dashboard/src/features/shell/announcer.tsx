import { useEffect, useState } from 'react';
import { onAnnouncement } from '@/shared/lib/announce';

export function Announcer() {
  const [text, setText] = useState('');
  useEffect(() => onAnnouncement(setText), []);
  return (
    <div role="status" aria-live="polite" data-announcer className="sr-only">
      {text}
    </div>
  );
}
