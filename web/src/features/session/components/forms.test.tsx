// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { isSignedIn } from '@/api/session';
import { intercept, serveMock, show } from '../../../../tests/dom';
import { signUp } from '../api';
import { ConfirmForm } from './confirm-form';
import { EmailForm } from './email-form';
import { SignInForm } from './sign-in-form';

beforeEach(() => serveMock());

describe('signing up', () => {
  it('asks for an email address only', async () => {
    const done = vi.fn();
    show(<EmailForm email={undefined} action="Send me a code" requestCode={signUp} onDone={done} />);
    await userEvent.type(await screen.findByLabelText('Email'), 'nia@example.com');
    await userEvent.click(screen.getByRole('button', { name: 'Send me a code' }));
    await waitFor(() => expect(done).toHaveBeenCalledWith('nia@example.com'));
  });

  async function confirmWith(password: string, code: string) {
    const done = vi.fn();
    show(<ConfirmForm email="nia@example.com" onDone={done} />);
    await userEvent.type(await screen.findByLabelText('Code'), code);
    await userEvent.click(screen.getByRole('radio', { name: /I want to publish/ }));
    await userEvent.type(screen.getByLabelText('Name'), 'Nia');
    await userEvent.type(screen.getByLabelText('Password'), password);
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    return done;
  }

  async function descriptionOf(label: string): Promise<string> {
    const field = screen.getByLabelText(label);
    await waitFor(() => expect(field).toHaveProperty('ariaInvalid', 'true'));
    const described = field.getAttribute('aria-describedby')?.split(' ') ?? [];
    return described.map((id) => document.getElementById(id)?.textContent).join(' ');
  }

  it('shows an error at the field named by its pointer', async () => {
    const done = await confirmWith('my nia@example.com films', '000000');
    expect(await descriptionOf('Password')).toContain('Must not contain your address or your name.');
    expect(done).not.toHaveBeenCalled();
  });

  it('rejects a wrong code', async () => {
    await confirmWith('a good password', '000000');
    expect(await descriptionOf('Code')).toContain('Is not the code that was mailed last');
  });

  it('creates the account with the chosen role and signs in', async () => {
    await signUp({ email: 'nia@example.com' });
    let body: unknown;
    intercept(async (request) => {
      if (request.url.endsWith('/confirm')) body = await request.json();
      return undefined;
    });
    const done = await confirmWith('a good password', ' 1 10 011 ');
    await waitFor(() => expect(body).toMatchObject({ role: 'creator', display_name: 'Nia', code: '110011' }));
    expect(done).not.toHaveBeenCalled();

    await userEvent.clear(screen.getByLabelText('Code'));
    await userEvent.type(screen.getByLabelText('Code'), await mailedCode('nia@example.com'));
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    await waitFor(() => expect(done).toHaveBeenCalled());
    expect(isSignedIn()).toBe(true);
  });

  it('resends the code', async () => {
    await signUp({ email: 'nia@example.com' });
    const first = await mailedCode('nia@example.com');
    show(<ConfirmForm email="nia@example.com" onDone={vi.fn()} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Resend code' }));
    expect(await screen.findByText('Sent. Only the latest code works.')).toBeDefined();
    expect(await mailedCode('nia@example.com')).not.toBe(first);
  });

  it('no longer shows that the code was wrong after another was sent', async () => {
    await confirmWith('a good password', '000000');
    expect(await screen.findByText(/^Is not the code that was mailed last/)).toBeDefined();
    expect(screen.getByRole('alert')).toBeDefined();
    await userEvent.click(screen.getByRole('button', { name: 'Resend code' }));
    await screen.findByText('Sent. Only the latest code works.');
    expect(screen.getByLabelText('Code')).not.toHaveProperty('ariaInvalid', 'true');
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('does not show again that the code was wrong when another field is left empty', async () => {
    await confirmWith('a good password', '000000');
    await screen.findByText(/^Is not the code that was mailed last/);
    await userEvent.type(screen.getByLabelText('Code'), '{Backspace}1');
    expect(screen.queryByRole('alert')).toBeNull();
    await userEvent.clear(screen.getByLabelText('Name'));
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
    expect(screen.getByLabelText('Name').getAttribute('aria-invalid')).toBe('true');
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

async function mailedCode(email: string): Promise<string> {
  const { messages } = (await (await fetch('/_ministack/ses/messages')).json()) as {
    messages: { mock: { To: string[]; BodyText: string }[] };
  };
  return /\d{6}/.exec(messages.mock.findLast(({ To }) => To.includes(email))?.BodyText ?? '')?.[0] ?? '';
}

describe('signing in', () => {
  async function signIn(password: string) {
    const done = vi.fn();
    show(<SignInForm onDone={done} />);
    await userEvent.type(await screen.findByLabelText('Email'), 'viewer@example.com');
    await userEvent.type(screen.getByLabelText('Password'), password);
    await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
    return done;
  }

  it('starts a session', async () => {
    const done = await signIn('correct horse 1');
    await waitFor(() => expect(done).toHaveBeenCalled());
    expect(isSignedIn()).toBe(true);
  });

  it('shows all reasons that the service names, and what to do about them', async () => {
    const detail = 'the address or the password is wrong, or the account was disabled by an admin';
    intercept(({ url }) => (url.endsWith('/sign-in') ? Response.json({ detail }, { status: 401 }) : undefined));
    await signIn('wrong');
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('Could not sign in');
    expect(alert.textContent).toContain(
      'The address or the password is wrong, or the account was disabled by an admin. If you forgot your password,',
    );
    expect(alert.textContent).toContain('Only an admin can enable a disabled account.');
  });

  it('starts no session with a wrong password', async () => {
    const done = await signIn('wrong');
    expect((await screen.findByRole('alert')).textContent).toContain('the password is wrong');
    expect(done).not.toHaveBeenCalled();
    expect(isSignedIn()).toBe(false);
  });

  it('reports a lost connection', async () => {
    intercept(() => {
      throw new TypeError('Failed to fetch');
    });
    await signIn('correct horse 1');
    expect((await screen.findByRole('alert')).textContent).toContain('No connection');
  });
});
