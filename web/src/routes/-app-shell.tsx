import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps, useLocation } from '@tanstack/react-router';
import { Clapperboard, House, ListChecks, type LucideIcon, Upload } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Me } from '@/api/types';
import { meQuery } from '@/features/session/api';
import { AccountMenu } from '@/features/session/components/account-menu';
import { may } from '@/features/session/rules';
import { UploadSign } from '@/features/upload/components/upload-indicator';
import { Logo } from '@/ui/logo';

interface Place {
  to: NonNullable<LinkProps['to']>;
  name: string;
  Picture: LucideIcon;
}

function placesFor(me: Me | undefined): Place[] {
  return [
    { to: '/', name: 'Home', Picture: House },
    ...(me && may(me, 'creator')
      ? [
          { to: '/upload', name: 'Upload', Picture: Upload } as const,
          { to: '/studio', name: 'My titles', Picture: Clapperboard } as const,
        ]
      : []),
    ...(me && may(me, 'admin') ? [{ to: '/admin', name: 'Pipelines', Picture: ListChecks } as const] : []),
  ];
}

/** What is around every page of somebody who is signed in. */
export function Frame({ children }: { children: ReactNode }) {
  const me = useQuery(meQuery);
  const places = placesFor(me.data);
  const main = useFocusOnArrival();

  return (
    <>
      <a
        href="#content"
        className="fixed top-3 left-3 z-50 -translate-y-20 rounded-full bg-accent-400 px-5 py-3 font-semibold text-surface-950 focus:translate-y-0"
      >
        Skip to the content
      </a>
      <TopBar places={places} me={me.data} />
      <main id="content" ref={main} tabIndex={-1} className="min-h-dvh pb-24 outline-none sm:pb-16">
        {children}
      </main>
      {places.length > 1 && <BottomBar places={places} />}
    </>
  );
}

function TopBar({ places, me }: { places: Place[]; me: Me | undefined }) {
  const scrolled = useScrolled();
  return (
    <header
      className={`gutter fixed inset-x-0 top-0 z-30 flex h-18 short:[body:has([data-stage])_&]:hidden items-center gap-8 transition-colors duration-300 ${scrolled ? 'bg-surface-950/90 backdrop-blur-md' : 'bg-linear-to-b from-surface-950/80 to-transparent'}`}
    >
      <Link to="/" aria-label="Marquee, home" className="rounded-lg">
        <Logo />
      </Link>
      <nav aria-label="Main" className="max-sm:hidden">
        <ul className="flex gap-1">
          {places.map(({ to, name }) => (
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
        <UploadSign />
        {me ? <AccountMenu me={me} /> : <div aria-hidden="true" className="skeleton size-10 rounded-full" />}
      </div>
    </header>
  );
}

/** On phones the places are where the thumb is. */
function BottomBar({ places }: { places: Place[] }) {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 border-t border-surface-800 bg-surface-950/95 pb-[env(safe-area-inset-bottom)] backdrop-blur-md sm:hidden"
    >
      <ul className="flex">
        {places.map(({ to, name, Picture }) => (
          <li key={to} className="flex-1">
            <Link
              to={to}
              activeOptions={{ exact: to === '/', includeSearch: false }}
              className="flex min-h-16 flex-col items-center justify-center gap-1 text-xs font-semibold text-muted aria-[current=page]:text-accent-400"
            >
              <Picture aria-hidden="true" className="size-5" />
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
    const look = () => setScrolled(scrollY > 24);
    look();
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  return scrolled;
}

/** After going to another page the keyboard goes on in that page, not where the link was. */
function useFocusOnArrival() {
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
