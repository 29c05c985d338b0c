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

/** The form below a button that chooses a file. */
function Page() {
  const [name, setName] = useState<string>();
  return (
    <NewTitleForm name={name} action="Create a draft" onCreated={vi.fn()}>
      <button type="button" onClick={() => setName('Film final 2')}>
        Choose
      </button>
    </NewTitleForm>
  );
}

it('is named after the file that was chosen, unless it has a name already', async () => {
  show(<Page />);
  await userEvent.click(await screen.findByRole('button', { name: 'Choose' }));
  expect(screen.getByLabelText('Name')).toHaveProperty('value', 'Film final 2');

  document.body.replaceChildren();
  show(<Page />);
  await userEvent.type(await screen.findByLabelText('Name'), 'Harbour');
  await userEvent.click(screen.getByRole('button', { name: 'Choose' }));
  expect(screen.getByLabelText('Name')).toHaveProperty('value', 'Harbour');
});

it('keeps the choices too when it is sent and does not arrive', async () => {
  const creates = ({ method, url }: Request) => method === 'POST' && url.endsWith('/api/titles');
  intercept((request) => (creates(request) ? Response.json({}, { status: 503 }) : undefined));
  signInAs('creator');
  form();
  await userEvent.type(await screen.findByLabelText('Name'), 'Half an Hour');
  await userEvent.click(await screen.findByRole('button', { name: 'Drama' }));
  await userEvent.click(screen.getByRole('button', { name: 'Create a draft' }));
  await screen.findByRole('alert');
  document.body.replaceChildren();
  form();
  const drama = await screen.findByRole('button', { name: 'Drama' });
  expect(drama.ariaPressed ?? drama.getAttribute('aria-checked')).toBe('true');
});
