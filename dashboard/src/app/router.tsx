import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router';
import { NotFoundPage } from '@/app/not-found-page';
import { RouteError } from '@/app/route-error';
import { deadLettersSearch } from '@/features/dead-letters/search';
import { orderSearch } from '@/features/order/search';
import { ordersSearch } from '@/features/orders/search';
import { overviewSearch } from '@/features/overview/search';
import { PageSkeleton } from '@/features/shell/page-skeleton';
import { loadOverlays, Shell } from '@/features/shell/shell';
import { offlineError } from '@/shared/api/problem';

/**
 * The code of a page. Where it cannot be had because the server is away, that is said; where the
 * server answers it is another version, and the router loads the document anew.
 */
async function unlessOffline<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (cause) {
    await fetch('/', { cache: 'no-store' }).catch(() => {
      throw offlineError(cause);
    });
    throw cause;
  }
}

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: overviewSearch,
  component: lazyRouteComponent(
    () => unlessOffline(import('@/features/overview/overview-page')),
    'OverviewPage',
  ),
});

const ordersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders',
  validateSearch: ordersSearch,
  component: lazyRouteComponent(
    () => unlessOffline(import('@/features/orders/orders-page')),
    'OrdersPage',
  ),
});

const newOrderRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders/new',
  component: lazyRouteComponent(
    () => unlessOffline(import('@/features/new-order/new-order-page')),
    'NewOrderPage',
  ),
});

const orderRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/orders/$orderId',
  validateSearch: orderSearch,
  component: lazyRouteComponent(
    () => unlessOffline(import('@/features/order/order-page')),
    'OrderPage',
  ),
});

const deadLettersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/dead-letters',
  validateSearch: deadLettersSearch,
  component: lazyRouteComponent(
    () => unlessOffline(import('@/features/dead-letters/dead-letters-page')),
    'DeadLettersPage',
  ),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    ordersRoute,
    newOrderRoute,
    orderRoute,
    deadLettersRoute,
  ]),
  // Plain text in the URL, as people write it: ?q=status:failed, not ?q=%22status%3Afailed%22.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith((value) => String(value)),
  search: { strict: true }, // what a page does not understand is not handed on to it
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
});

/** The code of every page, so that one opens, and says what is the matter, without a server. */
export function loadAhead(): void {
  for (const route of Object.values(router.routesById)) {
    router.loadRouteChunk(route)?.catch(() => undefined);
  }
  loadOverlays();
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
