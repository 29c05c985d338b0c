// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { TitleGrid } from './title-grid';

const isList = (request: Request) => new URL(request.url).pathname === '/api/titles';

describe('the grid of titles', () => {
  it('shows a skeleton, then titles, then the next page', async () => {
    // A frozen clock: no title is published during the test.
    const now = Date.now();
    serveMock({ now: () => now });
    signInAs('viewer');
    show(<TitleGrid />);
    expect((await screen.findByRole('status')).textContent).toContain('Loading titles');

    expect(await screen.findAllByRole('link')).toHaveLength(24);
    await userEvent.click(screen.getByRole('button', { name: 'Show more' }));
    await waitFor(() => expect(screen.getAllByRole('link')).toHaveLength(28));
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('filters by genre', async () => {
    serveMock();
    signInAs('viewer');
    show(<TitleGrid genre="western" />);
    const links = await screen.findAllByRole('link');
    expect(links.map((link) => link.textContent)).toEqual([expect.stringContaining('Copper Sky')]);
  });

  it('shows an empty state', async () => {
    serveMock();
    signInAs('viewer');
    show(<TitleGrid genre="opera" />);
    expect(await screen.findByText('There are no films in Opera yet.')).toBeDefined();
  });

  it('shows an error and retries', async () => {
    serveMock();
    signInAs('viewer');
    let failures = 1;
    intercept((request) =>
      isList(request) && failures-- > 0
        ? Response.json({ type: '/problems/internal', status: 500, request_id: 'r-17' }, { status: 500 })
        : undefined,
    );
    show(<TitleGrid />);
    const alert = await screen.findByRole('alert');
    expect(alert.textContent).toContain('r-17');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findAllByRole('link')).toHaveLength(24);
  });
});
