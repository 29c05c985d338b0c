// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { signedIn } from '@/api/session';
import { intercept, serveMock, show } from '../../../../tests/dom';
import { SignInForm } from './sign-in-form';
import { SignUpForm } from './sign-up-form';

beforeEach(() => serveMock());

describe('signing up', () => {
  it('shows what is wrong beside the field that the pointer names', async () => {
    const done = vi.fn();
    show(<SignUpForm onDone={done} />);
    await userEvent.type(await screen.findByLabelText('Name'), 'Nia');
    await userEvent.type(screen.getByLabelText('E-mail'), 'nia@example.com');
    await userEvent.type(screen.getByLabelText('Password'), 'all-lower-case');
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));

    const password = screen.getByLabelText('Password');
    await waitFor(() => expect(password).toHaveProperty('ariaInvalid', 'true'));
    const described = password.getAttribute('aria-describedby')?.split(' ') ?? [];
    const words = described.map((id) => document.getElementById(id)?.textContent).join(' ');
    expect(words).toContain('Must have a capital letter and a digit.');
    expect(done).not.toHaveBeenCalled();
  });

  it('asks for a creator when one wants to publish', async () => {
    let asked: unknown;
    intercept(async (request) => {
      asked = await request.json();
      return undefined;
    });
    const done = vi.fn();
    show(<SignUpForm onDone={done} />);
    await userEvent.click(await screen.findByRole('radio', { name: /I want to publish/ }));
    await userEvent.type(screen.getByLabelText('Name'), 'Nia');
    await userEvent.type(screen.getByLabelText('E-mail'), 'nia@example.com');
    await userEvent.type(screen.getByLabelText('Password'), 'A-good-password-1');
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));

    await waitFor(() => expect(done).toHaveBeenCalledWith('nia@example.com'));
    expect(asked).toMatchObject({ role: 'creator', display_name: 'Nia' });
  });
});

describe('signing in', () => {
  async function signIn(password: string) {
    const done = vi.fn();
    show(<SignInForm onDone={done} onUnconfirmed={() => undefined} />);
    await userEvent.type(await screen.findByLabelText('E-mail'), 'viewer@example.com');
    await userEvent.type(screen.getByLabelText('Password'), password);
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    return done;
  }

  it('begins a session', async () => {
    const done = await signIn('Correct-horse-1');
    await waitFor(() => expect(done).toHaveBeenCalled());
    expect(signedIn()).toBe(true);
  });

  it('says that the two did not match, and not which', async () => {
    const done = await signIn('wrong');
    expect((await screen.findByRole('alert')).textContent).toContain('That did not match');
    expect(done).not.toHaveBeenCalled();
    expect(signedIn()).toBe(false);
  });

  it('says that there is no connection', async () => {
    intercept(() => {
      throw new TypeError('Failed to fetch');
    });
    await signIn('Correct-horse-1');
    expect((await screen.findByRole('alert')).textContent).toContain('No connection');
  });
});
