// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { NewTitleForm } from './new-title-form';

beforeEach(() => {
  sessionStorage.clear();
  serveMock();
});

function form(onCreated = vi.fn()) {
  show(
    <NewTitleForm name={undefined} action="Save as draft" onCreated={onCreated}>
      {null}
    </NewTitleForm>,
  );
  return onCreated;
}

it('keeps unsaved text when the page is left, until the title is created', async () => {
  form();
  await userEvent.type(await screen.findByLabelText('Name'), 'Half an Hour');
  await userEvent.type(screen.getByLabelText('Description'), 'Not sent yet.');

  document.body.replaceChildren();
  signInAs('creator');
  const created = form();
  expect(await screen.findByLabelText('Name')).toHaveProperty('value', 'Half an Hour');
  expect(screen.getByLabelText('Description')).toHaveProperty('value', 'Not sent yet.');

  await userEvent.click(screen.getByRole('button', { name: 'Save as draft' }));
  await waitFor(() => expect(created).toHaveBeenCalled());
  expect(sessionStorage.length).toBe(0);
});

/** The form with a button that chooses a file. */
function TestPage() {
  const [name, setName] = useState<string>();
  return (
    <NewTitleForm name={name} action="Save as draft" onCreated={vi.fn()}>
      <button type="button" onClick={() => setName('Film final 2')}>
        Choose
      </button>
    </NewTitleForm>
  );
}

it('takes the name of the chosen file, unless a name was typed', async () => {
  show(<TestPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Choose' }));
  expect(screen.getByLabelText('Name')).toHaveProperty('value', 'Film final 2');

  document.body.replaceChildren();
  show(<TestPage />);
  await userEvent.type(await screen.findByLabelText('Name'), 'Harbour');
  await userEvent.click(screen.getByRole('button', { name: 'Choose' }));
  expect(screen.getByLabelText('Name')).toHaveProperty('value', 'Harbour');
});

it('keeps choices when the request fails', async () => {
  const creates = ({ method, url }: Request) => method === 'POST' && url.endsWith('/api/titles');
  intercept((request) => (creates(request) ? Response.json({}, { status: 503 }) : undefined));
  signInAs('creator');
  form();
  await userEvent.type(await screen.findByLabelText('Name'), 'Half an Hour');
  await userEvent.click(await screen.findByRole('button', { name: 'Drama' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save as draft' }));
  await screen.findByRole('alert');
  document.body.replaceChildren();
  form();
  const drama = await screen.findByRole('button', { name: 'Drama' });
  expect(drama.ariaPressed ?? drama.getAttribute('aria-checked')).toBe('true');
});

it('no longer shows that the name is missing once a file gave one', async () => {
  show(<TestPage />);
  await userEvent.click(await screen.findByRole('button', { name: 'Save as draft' }));
  expect(screen.getByLabelText('Name')).toHaveProperty('ariaInvalid', 'true');
  await userEvent.click(screen.getByRole('button', { name: 'Choose' }));
  expect(screen.getByLabelText('Name')).toHaveProperty('value', 'Film final 2');
  expect(screen.getByLabelText('Name')).not.toHaveProperty('ariaInvalid', 'true');
});

it('shows a refused genre at its field, until the genres change', async () => {
  const creates = ({ method, url }: Request) => method === 'POST' && url.endsWith('/api/titles');
  const errors = [{ pointer: '/genres/0', detail: 'is not a genre of this installation' }];
  intercept((request) => (creates(request) ? Response.json({ errors }, { status: 422 }) : undefined));
  signInAs('creator');
  form();
  await userEvent.type(await screen.findByLabelText('Name'), 'Half an Hour');
  await userEvent.click(await screen.findByRole('button', { name: 'Drama' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save as draft' }));
  const error = await screen.findByText('Is not a genre of this installation.');
  expect(error.getAttribute('aria-hidden')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Drama' }));
  expect(screen.getByText('Is not a genre of this installation.').getAttribute('aria-hidden')).toBe('true');
  expect(screen.queryByRole('alert')).toBeNull();
});
