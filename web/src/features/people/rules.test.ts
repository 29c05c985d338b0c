import { expect, it } from 'vitest';
import { accountStatus } from './rules';

it('names all roles of an account, after what is special about its state', () => {
  expect(accountStatus({ state: 'active', roles: [] })).toBe('Viewer');
  expect(accountStatus({ state: 'active', roles: ['creator'] })).toBe('Creator');
  expect(accountStatus({ state: 'active', roles: ['admin', 'creator'] })).toBe('Creator, admin');
  expect(accountStatus({ state: 'disabled', roles: ['creator'] })).toBe('Disabled, creator');
  expect(accountStatus({ state: 'unconfirmed', roles: [] })).toBe('Not confirmed, viewer');
});
