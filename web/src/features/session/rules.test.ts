import { describe, expect, it } from 'vitest';
import type { Me } from '@/api/types';
import { hasRole, initials, nextPath } from './rules';

const me = (...roles: Me['roles']): Me => ({
  account_id: 'a',
  creator_id: 'c',
  email: 'a@example.com',
  display_name: 'A',
  created_at: '2026-03-05T12:00:00Z',
  roles,
});

it('grants admins everything and others their roles', () => {
  expect(hasRole(me('admin'), 'creator')).toBe(true);
  expect(hasRole(me('creator'), 'creator')).toBe(true);
  expect(hasRole(me('creator'), 'admin')).toBe(false);
  expect(hasRole(me(), 'creator')).toBe(false);
});

describe('nextPath', () => {
  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    '/\u0000',
    '',
    undefined,
  ])('never leaves this origin for %j', (wanted) => {
    const next = nextPath(wanted);
    expect(new URL(next, 'https://marquee.example').origin).toBe('https://marquee.example');
    if (wanted !== '/\u0000') expect(next).toBe('/');
  });

  it('returns the requested page', () => {
    expect(nextPath('/titles/1?play=true')).toBe('/titles/1?play=true');
    expect(nextPath('/sign-in?next=/x')).toBe('/');
    expect(nextPath('/reset-password')).toBe('/');
  });
});

it.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['Ada B. Clark', 'AC'],
  ['élodie Ångström', 'ÉÅ'],
  ['映画', '映'],
  ['映画 太郎', '映'],
  ['ليلى منصور', 'ل'],
  ['😀 x', '😀'],
  ['👩🏽‍🚀Ada', '👩🏽‍🚀'],
  ['Ada 🎬', 'A'],
  ['🇵🇱 Kino', '🇵🇱'],
  ['  ', '?'],
])('makes the initials of %s', (name, shown) => {
  expect(initials(name)).toBe(shown);
  expect(initials(name.normalize('NFD')).normalize('NFC')).toBe(shown);
});
