import type { Me, Role } from '@/api/types';

/** Whether an account hasRole do what a role stands for; admins hasRole do everything. */
export function hasRole(me: Me, role: Role): boolean {
  return me.roles.includes('admin') || me.roles.includes(role);
}

/** The pages of signing up and in: who is signed in has no business there. */
const AUTH_PATHS = ['/sign-in', '/sign-up', '/confirm', '/forgot-password', '/reset-password'];

/** Where to go after signing in: only ever a page of ours, whatever the address says. */
export function nextPath(wanted: string | undefined): string {
  // The browser's own reading counts: it drops tabs and line breaks and takes a backslash for a slash.
  const url = wanted?.startsWith('/') && URL.canParse(wanted, ORIGIN) ? new URL(wanted, ORIGIN) : undefined;
  if (url?.origin !== ORIGIN || url.pathname.startsWith('//')) return '/';
  if (AUTH_PATHS.includes(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}

/** Stands for our own origin, whatever it is: an address that leaves it is not ours. */
const ORIGIN = 'https://marquee.invalid';

/** The first letters of a name, for its picture: `Ada Lovelace` → `AL`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}
