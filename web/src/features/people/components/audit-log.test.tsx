// @vitest-environment jsdom
import { screen, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import type { AuditEntry } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { AuditLog } from './audit-log';

const actor = '0192f7a4-6f0e-7cc2-b3a1-5a1f0f6f9d11';
const target = '0192f7a4-6f0e-7cc2-b3a1-5a1f0f6fabcd';

function entry(action: AuditEntry['action'], on?: string): AuditEntry {
  const at = '2026-03-05T12:00:00Z';
  const id = `${action} ${on}`;
  return { entry_id: id, at, actor_id: actor, action, route: 'PUT /api', request_id: 'r', ...(on && { target: on }) };
}

async function showEntries(...items: AuditEntry[]) {
  intercept(({ url }) => (url.includes('/api/admin/audit') ? Response.json({ items }) : undefined));
  show(<AuditLog day="2026-03-05" />);
  return screen.findAllByRole('listitem');
}

beforeEach(() => {
  serveMock();
  signInAs('admin');
});

it('links IDs in a short form to the pages of what they identify', async () => {
  const rows = await showEntries(
    entry('role_granted', `account:${target}`),
    entry('title_changed', `title:${target}`),
    entry('experiment_started', `experiment:${target}`),
  );
  const linksOf = (row: HTMLElement) =>
    within(row)
      .getAllByRole('link')
      .map((link) => `${link.textContent} ${link.getAttribute('href')}`);
  const byActor = `0192f7a4…9d11 /admin/people?account=${actor}`;
  expect(rows.map(linksOf)).toEqual([
    [byActor, `0192f7a4…abcd /admin/people?account=${target}`],
    [byActor, `0192f7a4…abcd /studio/${target}`],
    [byActor, '0192f7a4…abcd /admin/recommender'],
  ]);
});

it('shows the names that the service knows', async () => {
  const [row] = await showEntries({
    ...entry('title_changed', `title:${target}`),
    actor_name: 'Ada Admin',
    target_name: 'Harbour',
  });
  const links = within(row as HTMLElement).getAllByRole('link');
  expect(links.map((link) => `${link.textContent} ${link.getAttribute('href')}`)).toEqual([
    `Ada Admin /admin/people?account=${actor}`,
    `Harbour /studio/${target}`,
  ]);
  expect(screen.getByText('Harbour').title).toBe(target);
});

it('links no deleted title, and shows an unknown target as it is', async () => {
  const [deleted, unknown] = await showEntries(entry('title_deleted', `title:${target}`), entry('refused', 'planet:9'));
  expect(within(deleted as HTMLElement).getAllByRole('link')).toHaveLength(1);
  expect(within(unknown as HTMLElement).getByText('planet:9')).toBeDefined();
});

it.each([
  ['copies a whole ID', () => Promise.resolve(), 'ID copied'],
  ['shows a whole ID that cannot be copied', () => Promise.reject(new Error('not allowed')), target],
])('%s', async (_, write, status) => {
  await showEntries(entry('title_changed', `title:${target}`));
  const { clipboard } = navigator;
  const writeText = vi.fn(write);
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  await userEvent.click(screen.getByRole('button', { name: 'Copy ID 0192f7a4…abcd' }));
  expect(writeText).toHaveBeenCalledWith(target);
  expect(await screen.findByText(status)).toBeDefined();
  Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
});
