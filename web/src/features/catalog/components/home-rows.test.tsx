// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Home } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { HomeRows } from './home-rows';

const pathOf = (request: Request) => new URL(request.url).pathname;

/** Serves a home page and records the feedback that is sent. */
function serve(home: Home, sent: unknown[] = []): void {
  serveMock();
  signInAs('viewer');
  intercept(async (request) => {
    if (pathOf(request) === '/api/me/home') return Response.json(home);
    if (pathOf(request) !== '/api/me/recommendations/feedback') return undefined;
    sent.push(await request.json());
    return new Response(null, { status: 204 });
  });
}

/** Waits until a row has loaded: a skeleton is shown first. */
async function loadedRow(name: string): Promise<HTMLElement> {
  return waitFor(() => {
    const row = screen.getByRole('region', { name });
    within(row).getByRole('link');
    return row;
  });
}

const [home] = samples<Home>('Home');
if (!home) throw new Error('openapi.json has no example of a home page');

describe('the rows of the home page', () => {
  it('show each title with its reason', async () => {
    serve(home);
    show(<HomeRows newest={[]} />);
    for (const row of home.rows) {
      const region = await loadedRow(row.heading);
      for (const { reason } of row.items) expect(within(region).getByText(reason)).toBeDefined();
    }
  });

  it('resume started films on click and show their progress', async () => {
    serve(home);
    show(<HomeRows newest={[]} />);
    const row = await loadedRow('Continue watching');
    const link = within(row).getByRole('link');
    expect(link.getAttribute('href')).toMatch(/\?play=true$/);
    expect(link.querySelector('[style]')?.getAttribute('style')).toContain('width: 43%');
    const other = screen.getByRole('region', { name: 'For you' });
    expect(within(other).getByRole('link').getAttribute('href')).not.toContain('play');
  });

  it('hide a dismissed title and restore it on undo', async () => {
    const sent: unknown[] = [];
    serve(home, sent);
    show(<HomeRows newest={[]} />);
    const row = await loadedRow('For you');
    await userEvent.click(within(row).getByRole('button', { name: /^Options for/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Not interested' }));

    expect((await within(row).findByRole('status')).textContent).toContain('We won’t recommend this again.');
    expect(within(row).queryByRole('link')).toBeNull();
    await userEvent.click(within(row).getByRole('button', { name: 'Undo' }));
    expect(await within(row).findByRole('link')).toBeDefined();
    const title_id = home.rows[1]?.items[0]?.title.title_id;
    await waitFor(() =>
      expect(sent).toEqual([
        { title_id, feedback: 'not_interested' },
        { title_id, feedback: null },
      ]),
    );
  });

  it('show an error when feedback could not be sent', async () => {
    serve(home);
    intercept((request) =>
      pathOf(request).endsWith('/feedback')
        ? Response.json({ type: '/problems/unavailable', status: 503, request_id: 'r' }, { status: 503 })
        : undefined,
    );
    show(<HomeRows newest={[]} />);
    const row = await loadedRow('For you');
    await userEvent.click(within(row).getByRole('button', { name: /^Options for/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Less like this' }));

    expect(await within(row).findByRole('alert')).toBeDefined();
    expect(within(row).getByRole('link')).toBeDefined();
  });

  it('fall back to the newest titles when they cannot be loaded', async () => {
    serve(home);
    intercept((request) =>
      pathOf(request) === '/api/me/home' ? Response.json({ message: 'no' }, { status: 503 }) : undefined,
    );
    const titles = home.rows.flatMap((row) => row.items.map(({ title }) => title));
    show(<HomeRows newest={titles.map((title, index) => ({ ...title, title_id: `${title.title_id}-${index}` }))} />);
    expect(await screen.findByRole('region', { name: 'New on Marquee' })).toBeDefined();
  });
});
