// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, expect, it, vi } from 'vitest';
import { serveMock, show, signInAs } from '../../../../tests/dom';
import { NewTitleForm } from './new-title-form';

beforeEach(() => {
  sessionStorage.clear();
  serveMock();
});

function form(onCreated = vi.fn()) {
  show(
    <NewTitleForm name={undefined} action="Create a draft" onCreated={onCreated}>
      {null}
    </NewTitleForm>,
  );
  return onCreated;
}

it('keeps what was typed when the page is left, until the title is made', async () => {
  form();
  await userEvent.type(await screen.findByLabelText('Name'), 'Half an Hour');
  await userEvent.type(screen.getByLabelText('Description'), 'Not sent yet.');

  document.body.replaceChildren();
  signInAs('creator');
  const created = form();
  expect(await screen.findByLabelText('Name')).toHaveProperty('value', 'Half an Hour');
  expect(screen.getByLabelText('Description')).toHaveProperty('value', 'Not sent yet.');

  await userEvent.click(screen.getByRole('button', { name: 'Create a draft' }));
  await waitFor(() => expect(created).toHaveBeenCalled());
  expect(sessionStorage.length).toBe(0);
});
