// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { api, unwrap } from '@/api/client';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { Accounts } from './accounts';

const posts: string[] = [];

beforeEach(() => {
  posts.length = 0;
  serveMock();
  signInAs('admin');
  intercept((request) => {
    if (request.method === 'POST' && request.url.includes('/admin/')) posts.push(request.url.split('/').at(-1) ?? '');
    return undefined;
  });
});

async function chooseDisable(name: string) {
  show(<Accounts filter="all" email="" onFilter={vi.fn()} />);
  await userEvent.click(await screen.findByRole('button', { name: `Change ${name}` }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Disable account' }));
  const dialog = await screen.findByRole('alertdialog');
  return { dialog, press: (button: string) => userEvent.click(within(dialog).getByRole('button', { name: button })) };
}

it('disables an account only after a confirmation that says what happens', async () => {
  const { dialog, press } = await chooseDisable('Wes Tanaka');
  expect(dialog.textContent).toContain('viewer@example.com is signed out on every device and cannot sign in again.');
  await press('Cancel');
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  expect(posts).toEqual([]);

  await userEvent.click(screen.getByRole('button', { name: 'Change Wes Tanaka' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Disable account' }));
  await userEvent.click(
    within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Disable account' }),
  );
  expect(await screen.findByText('Disabled, viewer')).toBeDefined();
  expect(screen.queryByRole('alertdialog')).toBeNull();
  expect(posts).toEqual(['disable']);

  await userEvent.click(screen.getByRole('button', { name: 'Change Wes Tanaka' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Enable account' }));
  expect(await screen.findByText('Viewer')).toBeDefined();
  expect(posts).toEqual(['disable', 'enable']);
});

it('shows in the dialog why an account cannot be disabled', async () => {
  const { dialog, press } = await chooseDisable('Ada Admin');
  await press('Disable account');
  expect((await within(dialog).findByRole('alert')).textContent).toContain(
    'This is your own account: another admin can disable it.',
  );
});

it('makes an admin only after a confirmation that says what admins can do', async () => {
  show(<Accounts filter="all" email="" onFilter={vi.fn()} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Change Wes Tanaka' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Make admin' }));
  const dialog = await screen.findByRole('alertdialog');
  expect(dialog.textContent).toContain('Admins can see and change every title and every account');

  await userEvent.click(within(dialog).getByRole('button', { name: 'Make admin' }));
  await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  await userEvent.click(screen.getByRole('button', { name: 'Change Wes Tanaka' }));
  expect(await screen.findByRole('menuitem', { name: 'Remove admin role' })).toBeDefined();
});

it('shows a single account', async () => {
  const { items } = await unwrap(api.GET('/api/admin/accounts', { params: { query: { email: 'viewer@' } } }));
  show(<Accounts accountId={items[0]?.account_id} filter="all" email="" onFilter={vi.fn()} />);
  expect(await screen.findByText('viewer@example.com')).toBeDefined();
  expect(screen.queryByText('admin@example.com')).toBeNull();
  expect(screen.queryByRole('link', { current: 'page' })).toBeNull();
});

it('says that there is no such account', async () => {
  show(<Accounts accountId="deleted" filter="all" email="" onFilter={vi.fn()} />);
  expect((await screen.findByRole('alert')).textContent).toContain('There is no such account.');
});
