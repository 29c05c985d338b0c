import type { Me, Role } from '@/api/types';

/** Whether the account has a role. Admins have every role. */
export function hasRole(me: Me, role: Role): boolean {
  return me.roles.includes('admin') || me.roles.includes(role);
}

/** Pages for signed-out users only. */
const AUTH_PATHS = ['/sign-in', '/sign-up', '/confirm', '/forgot-password', '/reset-password'];

/** The page after signing in: always one of ours, whatever the URL parameter says. */
export function nextPath(wanted: string | undefined): string {
  // Parse as browsers do: they drop tabs and line breaks and treat a backslash as a slash.
  const url = wanted?.startsWith('/') && URL.canParse(wanted, ORIGIN) ? new URL(wanted, ORIGIN) : undefined;
  if (url?.origin !== ORIGIN || url.pathname.startsWith('//')) return '/';
  if (AUTH_PATHS.includes(url.pathname)) return '/';
  return url.pathname + url.search + url.hash;
}

/** A placeholder for our own origin: any URL that leaves it is foreign. */
const ORIGIN = 'https://marquee.invalid';

/** The first character as a person sees it, which can consist of many code points, in upper case. Firefox before 125 has no segmenter. */
function firstLetter(word: string): string {
  const [first] = 'Segmenter' in Intl ? Array.from(new Intl.Segmenter().segment(word), ({ segment }) => segment) : word;
  return first?.toLocaleUpperCase() ?? '';
}

/** Letters of scripts with capitals: two letters of other scripts form a word, or join. */
const capital = /^\p{Lu}/u;

/** The initials of a name, for its avatar: `Ada Lovelace` → `AL`, `映画 太郎` → `映`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = firstLetter(words[0] ?? '');
  const last = words.length > 1 ? firstLetter(words.at(-1) ?? '') : '';
  return (capital.test(first) && capital.test(last) ? first + last : first) || '?';
}
