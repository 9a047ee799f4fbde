import { Inbox, LayoutDashboard, type LucideIcon, PackagePlus, ScrollText } from 'lucide-react';

export interface Destination {
  to: '/' | '/orders' | '/orders/new' | '/dead-letters';
  label: string;
  icon: LucideIcon;
  shortcut: string;
}

export const DESTINATIONS: readonly Destination[] = [
  { to: '/', label: 'Overview', icon: LayoutDashboard, shortcut: 'g h' },
  { to: '/orders', label: 'Orders', icon: ScrollText, shortcut: 'g o' },
  { to: '/dead-letters', label: 'Dead letters', icon: Inbox, shortcut: 'g d' },
  { to: '/orders/new', label: 'New order', icon: PackagePlus, shortcut: 'g n' },
];
