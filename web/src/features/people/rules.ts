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

const targetKinds = ['account', 'title', 'retraining', 'experiment'] as const;

export interface Target {
  kind: (typeof targetKinds)[number];
  id: string;
}

/** The target of an audit entry, such as `title:0192f7a4-…`. Undefined for a kind that this version does not know. */
export function parseTarget(text: string): Target | undefined {
  const [name, id] = text.split(':');
  const kind = targetKinds.find((each) => each === name);
  return kind && id ? { kind, id } : undefined;
}
