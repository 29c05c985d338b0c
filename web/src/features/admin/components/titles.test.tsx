// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { beforeEach, expect, it } from 'vitest';
import type { TitleState } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { Titles } from './titles';

const stateNames: Record<TitleState, string> = {
  draft: 'Draft',
  uploading: 'Uploading',
  processing: 'Processing',
  ready: 'Ready',
  published: 'Published',
  failed: 'Failed',
  archived: 'Archived',
};

beforeEach(() => {
  serveMock();
  signInAs('admin');
});

/** Removes the titles of some states. */
function withoutTitles(...states: string[]) {
  intercept(({ url }) => {
    const state = new URL(url).searchParams.get('state') ?? '';
    return states.includes(state) ? Response.json({ items: [] }) : undefined;
  });
}

function showTitles(state?: TitleState) {
  show(<Titles state={state} stateNames={stateNames} failureLabel={() => 'Failed'} />);
}

it('opens on failed titles', async () => {
  showTitles();
  expect(await screen.findByText('Interrupted at Sea')).toBeDefined();
  expect(screen.getByRole('link', { current: 'page' }).textContent).toBe('Failed');
});

it('opens on the most urgent state that has titles', async () => {
  withoutTitles('failed', 'processing');
  showTitles();
  expect(await screen.findByText('The Salt Line')).toBeDefined();
  expect(screen.getByRole('link', { current: 'page' }).textContent).toBe('Published');
});

it('says that nothing has failed if there are no titles', async () => {
  withoutTitles(...Object.keys(stateNames));
  showTitles();
  expect(await screen.findByText('Nothing has failed')).toBeDefined();
});

it('keeps to the chosen state', async () => {
  showTitles('archived');
  expect(await screen.findByText('Nothing is archived')).toBeDefined();
});
