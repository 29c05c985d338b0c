// @vitest-environment jsdom
import { useQuery } from '@tanstack/react-query';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { api, unwrap } from '@/api/client';
import type { Title } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { CancelProcessing } from './cancel-processing';
import { StateBadge } from './state-badge';
import { TimelineView } from './timeline-view';

/** The mock's title in processing, on a page. */
function TestPage({ id }: { id: string }) {
  const title = useQuery({
    queryKey: ['title', id],
    queryFn: () => unwrap(api.GET('/api/titles/{title_id}', { params: { path: { title_id: id } } })),
  });
  if (!title.data) return null;
  return (
    <>
      <div data-testid="badge">
        <StateBadge title={title.data} />
      </div>
      <TimelineView titleId={id} visibility="public" as="owner" />
      <CancelProcessing title={title.data} as="owner" />
    </>
  );
}

async function processing(): Promise<string> {
  const { items } = await unwrap(api.GET('/api/titles', { params: { query: { state: 'processing' } } }));
  return items[0]?.title_id ?? '';
}

/** A frozen clock: the run stays at its step, however slow the machine. */
const frozen = Date.now();

async function open() {
  serveMock({ now: () => frozen });
  signInAs('admin');
  const id = await processing();
  const requests: Request[] = [];
  intercept((request) => {
    if (request.url.endsWith('/cancel')) requests.push(request);
    return undefined;
  });
  show(<TestPage id={id} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel processing' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  return {
    id,
    requests,
    dialog,
    confirm: () => userEvent.click(dialog.getByRole('button', { name: 'Cancel processing' })),
  };
}

describe('canceling', () => {
  it('explains what is lost before it sends a request', async () => {
    const { requests, dialog, confirm } = await open();
    expect(dialog.getByText(/still pays for what has been transcoded/)).toBeDefined();
    expect(requests).toHaveLength(0);
    await confirm();
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(requests).toHaveLength(1);
    expect(screen.queryByRole('button', { name: 'Cancel processing' })).toBeNull();
  });

  it('keeps processing when the user declines', async () => {
    const { requests, dialog } = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Keep processing' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(requests).toHaveLength(0);
    expect(screen.getByRole('button', { name: 'Cancel processing' })).toBeDefined();
  });

  it('is not shown as a failure', async () => {
    const { confirm } = await open();
    await confirm();
    await waitFor(() => expect(screen.getByTestId('badge').textContent).toBe('Canceled'));
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Canceled'));
    expect(await screen.findByText(/: canceled$/)).toBeDefined();
    const sentence = screen.getByText(/^The processing was canceled/);
    expect(sentence.closest('[class*=danger]')).toBeNull();
  });

  it('sends one request for repeated clicks', async () => {
    const { requests, dialog, confirm } = await open();
    let release = () => {};
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    intercept(async (request) => {
      if (request.url.endsWith('/cancel')) await blocked;
      return undefined;
    });
    const button = dialog.getByRole('button', { name: 'Cancel processing' });
    await confirm();
    await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('true'));
    await userEvent.click(button);
    release();
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(requests).toHaveLength(1);
  });

  it('shows an error and can be retried', async () => {
    const { dialog, confirm } = await open();
    let failing = true;
    intercept((request) =>
      failing && request.url.endsWith('/cancel') ? Response.json({ message: 'x' }, { status: 503 }) : undefined,
    );
    await confirm();
    expect((await dialog.findByRole('alert')).textContent).toContain('Temporarily unavailable');
    failing = false;
    await confirm();
    await waitFor(() => expect(screen.getByTestId('badge').textContent).toBe('Canceled'));
  });

  it('says when processing has already finished', async () => {
    const { id, dialog, confirm } = await open();
    intercept(async (request) => {
      const path = new URL(request.url).pathname;
      if (path.endsWith('/cancel')) {
        return Response.json(
          { type: '/problems/conflict', status: 409, detail: 'this title is published' },
          { status: 409 },
        );
      }
      if (path !== `/api/titles/${id}`) return undefined;
      const changes: Partial<Title> = { state: 'published' };
      const title = { title_id: id, name: 'x', renditions: [], owner: {}, ...changes };
      return Response.json(title);
    });
    await confirm();
    expect(await dialog.findByText(/has already finished/)).toBeDefined();
    await userEvent.click(dialog.getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  });
});
