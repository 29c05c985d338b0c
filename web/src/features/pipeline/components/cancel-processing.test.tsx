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

/** The mock's title that is being processed, as a page shows it. */
function Page({ id }: { id: string }) {
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
      <TimelineView titleId={id} visibility="public" />
      <CancelProcessing title={title.data} as="owner" />
    </>
  );
}

async function processing(): Promise<string> {
  const { items } = await unwrap(api.GET('/api/titles', { params: { query: { state: 'processing' } } }));
  return items[0]?.title_id ?? '';
}

/** The run stays where it is, however slow the machine. */
const moment = Date.now();

async function open() {
  serveMock({ now: () => moment });
  signInAs('admin');
  const id = await processing();
  const asked: Request[] = [];
  intercept((request) => {
    if (request.url.endsWith('/cancel')) asked.push(request);
    return undefined;
  });
  show(<Page id={id} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel processing' }));
  const dialog = within(await screen.findByRole('alertdialog'));
  return {
    id,
    asked,
    dialog,
    confirm: () => userEvent.click(dialog.getByRole('button', { name: 'Cancel processing' })),
  };
}

describe('canceling', () => {
  it('says first what is lost, and asks the service only then', async () => {
    const { asked, dialog, confirm } = await open();
    expect(dialog.getByText(/what is transcoded so far is paid for/)).toBeDefined();
    expect(asked).toHaveLength(0);
    await confirm();
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(asked).toHaveLength(1);
    expect(screen.queryByRole('button', { name: 'Cancel processing' })).toBeNull();
  });

  it('keeps the run when one thinks better of it', async () => {
    const { asked, dialog } = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Keep processing' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(asked).toHaveLength(0);
    expect(screen.getByRole('button', { name: 'Cancel processing' })).toBeDefined();
  });

  it('is shown as what it is: no fault of the film', async () => {
    const { confirm } = await open();
    await confirm();
    await waitFor(() => expect(screen.getByTestId('badge').textContent).toBe('Canceled'));
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('Canceled'));
    expect(await screen.findByText(/: canceled$/)).toBeDefined();
    const sentence = screen.getByText(/^The processing was canceled/);
    expect(sentence.closest('[class*=danger]')).toBeNull();
  });

  it('takes one press while it is under way', async () => {
    const { asked, dialog, confirm } = await open();
    let answerNow = () => {};
    const held = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    intercept(async (request) => {
      if (request.url.endsWith('/cancel')) await held;
      return undefined;
    });
    const button = dialog.getByRole('button', { name: 'Cancel processing' });
    await confirm();
    await waitFor(() => expect(button.getAttribute('aria-disabled')).toBe('true'));
    await userEvent.click(button);
    answerNow();
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(asked).toHaveLength(1);
  });

  it('says when the service could not, and can be tried again', async () => {
    const { dialog, confirm } = await open();
    let away = true;
    intercept((request) =>
      away && request.url.endsWith('/cancel') ? Response.json({ message: 'x' }, { status: 503 }) : undefined,
    );
    await confirm();
    expect((await dialog.findByRole('alert')).textContent).toContain('Not available right now');
    away = false;
    await confirm();
    await waitFor(() => expect(screen.getByTestId('badge').textContent).toBe('Canceled'));
  });

  it('says when the run has ended meanwhile', async () => {
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
      const ended: Partial<Title> = { state: 'published' };
      const title = { title_id: id, name: 'x', renditions: [], owner: {}, ...ended };
      return Response.json(title);
    });
    await confirm();
    expect(await dialog.findByText(/has ended by now/)).toBeDefined();
    await userEvent.click(dialog.getAllByRole('button', { name: 'Close' }).at(-1) as HTMLElement);
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
  });
});
