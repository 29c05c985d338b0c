import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps, useLocation } from '@tanstack/react-router';
import { Clapperboard, House, ListChecks, type LucideIcon, Upload } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Me } from '@/api/types';
import { meQuery } from '@/features/session/api';
import { AccountMenu } from '@/features/session/components/account-menu';
import { hasRole } from '@/features/session/rules';
import { UploadIndicator } from '@/features/upload/components/upload-indicator';
import { Logo } from '@/ui/logo';

interface NavItem {
  to: NonNullable<LinkProps['to']>;
  name: string;
  Icon: LucideIcon;
}

function navItemsFor(me: Me | undefined): NavItem[] {
  return [
    { to: '/', name: 'Home', Icon: House },
    ...(me && hasRole(me, 'creator')
      ? [
          { to: '/upload', name: 'Upload', Icon: Upload } as const,
          { to: '/studio', name: 'My titles', Icon: Clapperboard } as const,
        ]
      : []),
    ...(me && hasRole(me, 'admin') ? [{ to: '/admin', name: 'Admin', Icon: ListChecks } as const] : []),
  ];
}

/** The header and navigation around every page for signed-in users. */
export function AppShell({ children }: { children: ReactNode }) {
  const me = useQuery(meQuery);
  const items = navItemsFor(me.data);
  const main = useFocusOnNavigation();

  return (
    <>
      <a
        href="#content"
        className="fixed top-3 left-3 z-50 -translate-y-20 rounded-full bg-accent-400 px-5 py-3 font-semibold text-surface-950 focus:translate-y-0"
      >
        Skip to content
      </a>
      <TopBar items={items} me={me.data} />
      <main id="content" ref={main} tabIndex={-1} className="min-h-dvh pb-24 outline-none sm:pb-16">
        {children}
      </main>
      {items.length > 1 && <BottomBar items={items} />}
    </>
  );
}

function TopBar({ items, me }: { items: NavItem[]; me: Me | undefined }) {
  const scrolled = useScrolled();
  return (
    <header
      className={`gutter fixed inset-x-0 top-0 z-30 flex h-18 short:[body:has([data-player])_&]:hidden items-center gap-8 transition-colors duration-300 ${scrolled ? 'bg-surface-950/90 backdrop-blur-md' : 'bg-linear-to-b from-surface-950/80 to-transparent'}`}
    >
      <Link to="/" aria-label="Marquee, home" className="rounded-lg">
        <Logo />
      </Link>
      <nav aria-label="Main" className="max-sm:hidden">
        <ul className="flex gap-1">
          {items.map(({ to, name }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ exact: to === '/', includeSearch: false }}
                className="inline-flex min-h-10 items-center rounded-full px-4 font-semibold text-secondary transition hover:text-foreground aria-[current=page]:text-accent-400"
              >
                {name}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="ml-auto flex items-center gap-3">
        <UploadIndicator />
        {me ? <AccountMenu me={me} /> : <div aria-hidden="true" className="skeleton size-10 rounded-full" />}
      </div>
    </header>
  );
}

/** The navigation at the bottom of phone screens. */
function BottomBar({ items }: { items: NavItem[] }) {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-surface-800 bg-surface-950/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md sm:hidden"
    >
      <ul className="flex">
        {items.map(({ to, name, Icon }) => (
          <li key={to} className="flex-1">
            <Link
              to={to}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              className="flex min-h-16 flex-col items-center justify-center gap-1 text-xs font-semibold text-muted aria-[current=page]:text-accent-400"
            >
              <Icon aria-hidden="true" className="size-5" />
              {name}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function useScrolled(): boolean {
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => {
    const update = () => setScrolled(scrollY > 24);
    update();
    addEventListener('scroll', update, { passive: true });
    return () => removeEventListener('scroll', update);
  }, []);
  return scrolled;
}

/** Moves the focus to the new page after a navigation. */
function useFocusOnNavigation() {
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
