import type { Me, Role } from '@/api/types';

/** Whether an account may do what a role stands for; admins may do everything. */
export function may(me: Me, role: Role): boolean {
  return me.roles.includes('admin') || me.roles.includes(role);
}

/** Where to go after signing in: only ever a page of ours, whatever the address says. */
export function nextPath(wanted: string | undefined): string {
  if (!wanted?.startsWith('/') || wanted.startsWith('//') || wanted.includes('\\')) return '/';
  return wanted.startsWith('/sign-') || wanted.startsWith('/confirm') ? '/' : wanted;
}

/** The first letters of a name, for its picture: `Ada Lovelace` → `AL`. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toUpperCase() || '?';
}
