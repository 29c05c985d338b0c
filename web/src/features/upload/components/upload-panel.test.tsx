// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { problemOf } from '@/api/problem';
import { serveMock, show, signInAs } from '../../../../tests/dom';
import { dropTransfer, putTransfer, type Transfer } from '../store';
import { FileDrop } from './file-drop';
import { UploadPanel } from './upload-panel';

const controls = { pause: vi.fn(), resume: vi.fn(), retry: vi.fn(), cancel: vi.fn() };

function transfer(change: Partial<Transfer>): void {
  putTransfer(
    {
      titleId: 't',
      fileName: 'film.mp4',
      state: 'sending',
      sent: 50,
      total: 100,
      bytesPerSecond: undefined,
      problem: undefined,
      refusedFile: false,
      heldMs: 0,
      heldSince: undefined,
      ...change,
    },
    controls,
  );
}

const chooser = () => document.querySelector('input[type=file]');
const panel = () => show(<UploadPanel titleId="t" state="draft" onChanged={() => undefined} />);

afterEach(() => dropTransfer('t'));

describe('an upload that was refused', () => {
  it.each([
    ['another file', problemOf('conflict', { title: 'That is another file' })],
    ['a file that the service does not take', problemOf('invalid-fields', { title: 'This file cannot be uploaded' })],
  ])('for %s says so and takes another', async (_, problem) => {
    serveMock();
    signInAs('creator');
    transfer({ state: 'failed', problem, refusedFile: true });
    panel();
    expect((await screen.findByRole('alert')).textContent).toContain(problem.title);
    expect(chooser()).not.toBeNull();
  });

  it('for anything else can be tried again', async () => {
    transfer({ state: 'failed', problem: problemOf('forbidden') });
    panel();
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(controls.retry).toHaveBeenCalledOnce();
  });
});

describe('an upload that waits', () => {
  it('says that it continues by itself', async () => {
    transfer({ state: 'waiting', problem: problemOf('offline') });
    panel();
    expect(await screen.findByText('Waiting for the connection. The upload continues by itself.')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('button', { name: 'Try now' })).toBeDefined();
  });
});

describe('choosing a file', () => {
  it('refuses an empty one and keeps the chooser', async () => {
    const chosen = vi.fn();
    show(<FileDrop onChoose={chosen} refusal={(file) => (file.name === 'other.mp4' ? 'Not that one.' : undefined)} />);
    await screen.findByRole('button', { name: 'Choose a file' });
    const choose = (name: string, content: string) =>
      userEvent.upload(chooser() as HTMLInputElement, new File([content], name, { type: 'video/mp4' }));

    await choose('empty.mp4', '');
    expect((await screen.findByRole('alert')).textContent).toContain('This file is empty.');
    await choose('other.mp4', 'x');
    await waitFor(() => expect(screen.getByRole('alert').textContent).toContain('Not that one.'));
    expect(chosen).not.toHaveBeenCalled();
    await choose('film.mp4', 'x');
    await waitFor(() => expect(chosen).toHaveBeenCalledOnce());
    expect(screen.queryByRole('alert')).toBeNull();
  });
});
