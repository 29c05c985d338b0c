// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, unwrap } from '@/api/client';
import { newProblem } from '@/api/problem';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { createUpload } from '../api';
import { rememberUpload } from '../remembered-uploads';
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
      idleMs: 0,
      idleSince: undefined,
      ...change,
    },
    controls,
  );
}

const chooser = () => document.querySelector('input[type=file]');
const panel = () => show(<UploadPanel title={{ title_id: 't', state: 'draft' }} onChanged={() => undefined} />);

afterEach(() => dropTransfer('t'));

describe('a failed upload', () => {
  it.each([
    ['a different file', newProblem('conflict', { title: 'This is a different file' })],
    ['a file that the service refuses', newProblem('invalid-fields', { title: 'This file cannot be uploaded' })],
  ])('asks for another file after %s', async (_, problem) => {
    serveMock();
    signInAs('creator');
    transfer({ state: 'failed', problem, refusedFile: true });
    panel();
    expect((await screen.findByRole('alert')).textContent).toContain(problem.title);
    expect(chooser()).not.toBeNull();
  });

  it('can be retried after any other failure', async () => {
    transfer({ state: 'failed', problem: newProblem('forbidden') });
    panel();
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(controls.retry).toHaveBeenCalledOnce();
  });
});

describe('a finished upload', () => {
  it.each([
    ['uploading', false],
    ['processing', false],
    ['failed', true],
  ] as const)('asks for another file only after its run failed: %s', async (state, asks) => {
    transfer({ state: 'done' });
    show(
      <>
        <p>Here</p>
        <UploadPanel title={{ title_id: 't', state }} onChanged={() => undefined} />
      </>,
    );
    await screen.findByText('Here');
    expect(chooser() !== null).toBe(asks);
  });
});

describe('a waiting upload', () => {
  it('says that it will resume automatically', async () => {
    transfer({ state: 'waiting', problem: newProblem('offline') });
    panel();
    expect(await screen.findByText('Waiting for a connection. The upload will resume automatically.')).toBeDefined();
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('button', { name: 'Try now' })).toBeDefined();
  });
});

describe('an upload started elsewhere', () => {
  /** Starts an upload as another device would: this browser has no record of it. */
  async function startElsewhere(size = 20) {
    serveMock();
    signInAs('creator');
    const title = await unwrap(
      api.POST('/api/titles', { body: { name: 'Harbour', description: '', genres: [], visibility: 'public' } }),
    );
    const film = new File([new Uint8Array(size)], 'film.mp4', { type: 'video/mp4' });
    const upload = await createUpload(title.title_id, film);
    const read = () => unwrap(api.GET('/api/titles/{title_id}', { params: { path: { title_id: title.title_id } } }));
    return { upload, read };
  }

  it('accepts a file of the same size under any name', async () => {
    const { read } = await startElsewhere();
    show(<UploadPanel title={await read()} onChanged={() => undefined} />);
    expect(await screen.findByText(/was started on another device or in another browser/)).toBeDefined();
    const choose = (name: string, size: number) =>
      userEvent.upload(chooser() as HTMLInputElement, new File([new Uint8Array(size)], name, { type: 'video/mp4' }));
    await choose('other.mp4', 21);
    expect((await screen.findByRole('alert')).textContent).toContain('not the file of the unfinished upload');
  });

  it('can be canceled here', async () => {
    const { upload, read } = await startElsewhere();
    const changed = vi.fn();
    show(<UploadPanel title={await read()} onChanged={changed} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel upload' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel the upload' }));
    await waitFor(() => expect(changed).toHaveBeenCalled());
    expect((await read()).state).toBe('draft');
    const path = { upload_id: upload.upload_id };
    expect((await unwrap(api.GET('/api/uploads/{upload_id}', { params: { path } }))).state).toBe('aborted');
  });

  it('takes precedence over an older upload of this browser', async () => {
    const { upload, read } = await startElsewhere();
    rememberUpload({ titleId: upload.title_id, uploadId: 'older', fileName: 'older.mp4', fingerprint: 'f' });
    show(<UploadPanel title={await read()} onChanged={() => undefined} />);
    expect(await screen.findByText(/was started on another device or in another browser/)).toBeDefined();
    expect(screen.queryByText(/older\.mp4/)).toBeNull();
  });

  it('does not ask for a file while the service cannot be reached', async () => {
    const { read } = await startElsewhere();
    const title = await read();
    intercept((request) => (request.url.includes('/api/uploads/') ? Response.error() : undefined));
    show(<UploadPanel title={title} onChanged={() => undefined} />);
    expect(await screen.findByRole('button', { name: 'Try again' })).toBeDefined();
    expect(chooser()).toBeNull();
  });

  it('asks for nothing once all parts are uploaded', async () => {
    const { upload, read } = await startElsewhere();
    const title = await read();
    intercept((request) =>
      request.url.includes('/api/uploads/') ? Response.json({ ...upload, state: 'completing' }) : undefined,
    );
    show(<UploadPanel title={title} onChanged={() => undefined} />);
    expect(await screen.findByText(/All parts are uploaded/)).toBeDefined();
    expect(chooser()).toBeNull();
  });
});

describe('choosing a file', () => {
  it('refuses an empty file and keeps the file chooser', async () => {
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
