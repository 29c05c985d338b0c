// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { idOf } from '../../../../mock/seed.ts';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { LikeButton } from './like-button';

const pressed = () => screen.getByRole('button', { name: 'Like' }).getAttribute('aria-pressed');

it('likes a title and withdraws the like', async () => {
  serveMock();
  signInAs('viewer');
  const methods: string[] = [];
  intercept((request) => {
    if (request.url.endsWith('/like')) methods.push(request.method);
    return undefined;
  });
  show(<LikeButton titleId={idOf(1)} />);
  const button = await screen.findByRole('button', { name: 'Like' });
  await waitFor(() => expect(button.hasAttribute('disabled')).toBe(false));

  await userEvent.click(button);
  await waitFor(() => expect(pressed()).toBe('true'));
  await userEvent.click(button);
  await waitFor(() => expect(pressed()).toBe('false'));
  expect(methods).toEqual(['PUT', 'DELETE']);
});

it('reverts when the request fails', async () => {
  serveMock();
  signInAs('viewer');
  intercept((request) => (request.url.endsWith('/like') ? Response.json({}, { status: 500 }) : undefined));
  show(<LikeButton titleId={idOf(1)} />);
  const button = await screen.findByRole('button', { name: 'Like' });
  await waitFor(() => expect(button.hasAttribute('disabled')).toBe(false));

  await userEvent.click(button);
  expect(await screen.findByRole('alert')).toBeDefined();
  expect(pressed()).toBe('false');
});
