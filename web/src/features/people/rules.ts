import type { Account } from '@/api/types';

const states: Record<Account['state'], string[]> = {
  active: [],
  disabled: ['disabled'],
  unconfirmed: ['not confirmed'],
};

/** What is special about an account's state, and all of its roles: `Disabled, creator, admin`. */
export function accountStatus({ state, roles }: Pick<Account, 'state' | 'roles'>): string {
  const granted = (['creator', 'admin'] as const).filter((role) => roles.includes(role));
  const text = [...states[state], ...(granted.length > 0 ? granted : ['viewer'])].join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
