// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Home } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { HomeRows } from './home-rows';

const pathOf = (request: Request) => new URL(request.url).pathname;

/** Answers with a home page and keeps what is said against titles. */
function serve(home: Home, told: unknown[] = []): void {
  serveMock();
  signInAs('viewer');
  intercept(async (request) => {
    if (pathOf(request) === '/api/me/home') return Response.json(home);
    if (pathOf(request) !== '/api/me/recommendations/feedback') return undefined;
    told.push(await request.json());
    return new Response(null, { status: 204 });
  });
}

/** A row when its titles are there: before that, a drawing of one stands in its place. */
async function rowCalled(name: string): Promise<HTMLElement> {
  return waitFor(() => {
    const row = screen.getByRole('region', { name });
    within(row).getByRole('link');
    return row;
  });
}

const [home] = samples<Home>('Home');
if (!home) throw new Error('the service shows no home page');

describe('the rows of the home page', () => {
  it('stand under their headings, each title with its reason', async () => {
    serve(home);
    show(<HomeRows newest={[]} />);
    for (const row of home.rows) {
      const region = await rowCalled(row.heading);
      for (const { reason } of row.items) expect(within(region).getByText(reason)).toBeDefined();
    }
  });

  it('go on at a press with what was begun, and show how far it is', async () => {
    serve(home);
    show(<HomeRows newest={[]} />);
    const begun = await rowCalled('Continue watching');
    const link = within(begun).getByRole('link');
    expect(link.getAttribute('href')).toMatch(/\?play=true$/);
    expect(link.querySelector('[style]')?.getAttribute('style')).toContain('width: 43%');
    const other = screen.getByRole('region', { name: 'For you' });
    expect(within(other).getByRole('link').getAttribute('href')).not.toContain('play');
  });

  it('lose what somebody does not want to see, and get it back', async () => {
    const told: unknown[] = [];
    serve(home, told);
    show(<HomeRows newest={[]} />);
    const row = await rowCalled('For you');
    await userEvent.click(within(row).getByRole('button', { name: /^About recommending/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Not interested' }));

    expect((await within(row).findByRole('status')).textContent).toContain('You will not be shown this again.');
    expect(within(row).queryByRole('link')).toBeNull();
    await userEvent.click(within(row).getByRole('button', { name: 'Undo' }));
    expect(await within(row).findByRole('link')).toBeDefined();
    const title_id = home.rows[1]?.items[0]?.title.title_id;
    await waitFor(() =>
      expect(told).toEqual([
        { title_id, feedback: 'not_interested' },
        { title_id, feedback: null },
      ]),
    );
  });

  it('say when a word did not get through', async () => {
    serve(home);
    intercept((request) =>
      pathOf(request).endsWith('/feedback')
        ? Response.json({ type: '/problems/unavailable', status: 503, request_id: 'r' }, { status: 503 })
        : undefined,
    );
    show(<HomeRows newest={[]} />);
    const row = await rowCalled('For you');
    await userEvent.click(within(row).getByRole('button', { name: /^About recommending/ }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Less like this' }));

    expect(await within(row).findByRole('alert')).toBeDefined();
    expect(within(row).getByRole('link')).toBeDefined();
  });

  it('give way to what is new when they cannot be had', async () => {
    serve(home);
    intercept((request) =>
      pathOf(request) === '/api/me/home' ? Response.json({ message: 'no' }, { status: 503 }) : undefined,
    );
    const titles = home.rows.flatMap((row) => row.items.map(({ title }) => title));
    show(<HomeRows newest={titles.map((title, index) => ({ ...title, title_id: `${title.title_id}-${index}` }))} />);
    expect(await screen.findByRole('region', { name: 'New on Marquee' })).toBeDefined();
  });
});
