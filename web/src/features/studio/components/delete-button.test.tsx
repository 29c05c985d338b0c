// @vitest-environment jsdom
import { useQuery } from '@tanstack/react-query';
import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it } from 'vitest';
import { api, unwrap } from '@/api/client';
import type { Title } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { DeleteButton } from './delete-button';

const titleQuery = (titleId: string) => ({
  queryKey: ['title', titleId],
  queryFn: () => unwrap(api.GET('/api/titles/{title_id}', { params: { path: { title_id: titleId } } })),
});

function TitlePage({ titleId, onDeleted }: { titleId: string; onDeleted: () => void }) {
  const title = useQuery(titleQuery(titleId));
  return title.data ? <DeleteButton title={title.data as Title} onDeleted={onDeleted} /> : title.error?.message;
}

/** The page of a title, and the page that a deletion leads to. */
function Pages({ titleId }: { titleId: string }) {
  const [page, setPage] = useState<'title' | 'list'>('title');
  if (page === 'title') return <TitlePage titleId={titleId} onDeleted={() => setPage('list')} />;
  return (
    <button type="button" onClick={() => setPage('title')}>
      Back
    </button>
  );
}

it('deletes a draft, which is then neither refetched nor shown from the cache', async () => {
  serveMock();
  signInAs('creator');
  const { items } = await unwrap(api.GET('/api/titles', { params: { query: { owner: 'me' } } }));
  const draft = items.find(({ state }) => state === 'draft') as Title;
  const requests: string[] = [];
  intercept(({ method, url }) => {
    if (url.includes(draft.title_id)) requests.push(method);
    return undefined;
  });

  show(<Pages titleId={draft.title_id} />);
  await userEvent.click(await screen.findByRole('button', { name: 'Delete this title' }));
  await userEvent.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Delete' }));
  await screen.findByRole('button', { name: 'Back' });
  expect(requests).toEqual(['GET', 'DELETE']);

  await userEvent.click(screen.getByRole('button', { name: 'Back' }));
  await waitFor(() => expect(requests).toEqual(['GET', 'DELETE', 'GET']));
  expect(await screen.findByText('There is no such title, or you have no access to it.')).toBeDefined();
});

it('offers no deletion of a title that was published', async () => {
  serveMock();
  signInAs('creator');
  const { items } = await unwrap(api.GET('/api/titles', { params: { query: { owner: 'me' } } }));
  const published = items.find(({ state }) => state === 'published') as Title;
  show(
    <>
      <DeleteButton title={published} onDeleted={() => undefined} />
      <p>shown</p>
    </>,
  );
  await screen.findByText('shown');
  expect(screen.queryByRole('button')).toBeNull();
});
