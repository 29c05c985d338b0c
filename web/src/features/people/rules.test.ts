import { expect, it } from 'vitest';
import { accountStatus, parseTarget } from './rules';

it('names all roles of an account, after what is special about its state', () => {
  expect(accountStatus({ state: 'active', roles: [] })).toBe('Viewer');
  expect(accountStatus({ state: 'active', roles: ['creator'] })).toBe('Creator');
  expect(accountStatus({ state: 'active', roles: ['admin', 'creator'] })).toBe('Creator, admin');
  expect(accountStatus({ state: 'disabled', roles: ['creator'] })).toBe('Disabled, creator');
  expect(accountStatus({ state: 'unconfirmed', roles: [] })).toBe('Not confirmed, viewer');
});

it('reads the target of an audit entry', () => {
  expect(parseTarget('title:0192f7a4')).toEqual({ kind: 'title', id: '0192f7a4' });
  expect(parseTarget('planet:0192f7a4')).toBeUndefined();
  expect(parseTarget('title')).toBeUndefined();
});
