import { ThemeMenu } from '@/features/shell/theme-menu';
import { ZoneMenu } from '@/features/shell/zone-menu';

/** Loaded behind the page: menus are large, and nobody opens one in the first second. */
export default function DisplayMenus() {
  return (
    <>
      <ZoneMenu />
      <ThemeMenu />
    </>
  );
}
