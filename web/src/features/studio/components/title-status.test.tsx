// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Title } from '@/api/types';
import { formatDate } from '@/format/time';
import { show } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { TitleStatus } from './title-status';

const [published] = samples<Title>('Title');
const until = '2026-12-02T10:00:00Z';

it.each<[Partial<Title>, string]>([
  [{ visibility: 'public' }, 'Published Public'],
  [{ visibility: 'unlisted' }, 'Published Unlisted'],
  [{ visibility: 'private' }, 'Published Private'],
  [{ state: 'archived', restorable_until: until }, `Published Can be restored until ${formatDate(until)}`],
  [{ state: 'archived', restorable_until: until, files_deleted_at: until }, 'Published Files deleted'],
])('says of a title with %j: %s', async (change, text) => {
  show(<TitleStatus title={{ ...published, ...change } as Title} badge="Published " />);
  expect((await screen.findByText(/Published/)).textContent).toBe(text);
});
