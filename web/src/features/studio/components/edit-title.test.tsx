// @vitest-environment jsdom
import { cleanup, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { api, unwrap } from '@/api/client';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { EditTitle } from './edit-title';

beforeEach(() => {
  sessionStorage.clear();
  serveMock();
  signInAs('creator');
});

async function draft() {
  const { items } = await unwrap(api.GET('/api/titles', { params: { query: { owner: 'me' } } }));
  const title = items.find(({ name }) => name === 'Half an Idea');
  if (!title) throw new Error('the mock has no draft');
  return title;
}

it('restores unsaved changes after the session ended, and drops them once saved', async () => {
  const title = await draft();
  show(<EditTitle title={title} isOpen onClose={vi.fn()} />);
  await userEvent.type(await screen.findByLabelText('Description'), 'Boats, and more of them.');
  // The sign-in page replaces this one.
  cleanup();

  const closed = vi.fn();
  const sent: unknown[] = [];
  intercept(async (request) => {
    if (request.method === 'PATCH') sent.push(await request.clone().json());
    return undefined;
  });
  show(<EditTitle title={title} isOpen onClose={closed} />);
  expect(await screen.findByLabelText('Description')).toHaveProperty('value', 'Boats, and more of them.');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(closed).toHaveBeenCalled());
  expect(sent).toEqual([{ description: 'Boats, and more of them.', version: title.version }]);
  expect(sessionStorage.length).toBe(0);
});

it('drops discarded changes', async () => {
  const title = await draft();
  const closed = vi.fn();
  show(<EditTitle title={title} isOpen onClose={closed} />);
  await userEvent.type(await screen.findByLabelText('Description'), 'No.');
  expect(sessionStorage.length).toBe(1);
  await userEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Discard' }));
  await waitFor(() => expect(closed).toHaveBeenCalled());
  expect(sessionStorage.length).toBe(0);
});
