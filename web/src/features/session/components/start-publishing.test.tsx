// @vitest-environment jsdom
import { useQuery } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { meQuery } from '../api';
import { StartPublishing } from './start-publishing';

function Page() {
  const me = useQuery(meQuery);
  return me.data ? <StartPublishing me={me.data} /> : null;
}

beforeEach(() => {
  serveMock();
  signInAs('viewer');
});

describe('requesting to publish', () => {
  it('sends one request and says that an admin decides', async () => {
    show(<Page />);
    await userEvent.click(await screen.findByRole('button', { name: 'Start publishing' }));
    expect((await screen.findByRole('status')).textContent).toContain('You asked to become a creator.');
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('shows why it was refused', async () => {
    intercept((request) =>
      request.url.endsWith('/creator-request')
        ? new Response(JSON.stringify({ detail: 'this installation invites its creators' }), { status: 403 })
        : undefined,
    );
    show(<Page />);
    await userEvent.click(await screen.findByRole('button', { name: 'Start publishing' }));
    expect((await screen.findByRole('alert')).textContent).toBe('This installation invites its creators.');
  });
});
