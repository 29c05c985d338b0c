import { describe, expect, it, vi } from 'vitest';
import { batched } from './batch';
import { sha256 } from './checksum';
import {
  declaredType,
  existingUpload,
  idleTime,
  isTransient,
  matchesFile,
  nameFromFile,
  partsOf,
  refusalOf,
  resumption,
  retryDelay,
  speedOf,
  trackIdle,
  withSample,
} from './rules';

describe('partsOf', () => {
  it('splits a file into parts of equal size and a remainder', () => {
    expect(partsOf(25, 10)).toEqual([
      { number: 1, start: 0, end: 10 },
      { number: 2, start: 10, end: 20 },
      { number: 3, start: 20, end: 25 },
    ]);
  });

  it('makes no empty part, and one part of a small file', () => {
    expect(partsOf(20, 10)).toHaveLength(2);
    expect(partsOf(3, 10)).toEqual([{ number: 1, start: 0, end: 3 }]);
  });
});

describe('resumption', () => {
  const upload = { state: 'open' as const, size_bytes: 100, expires_at: '2026-03-05T12:00:00Z' };
  const before = Date.parse('2026-03-05T11:00:00Z');

  it('resumes an open upload with a file of its size', () => {
    expect(resumption(upload, { size: 100 }, before)).toBe('yes');
    expect(resumption(upload, { size: 99 }, before)).toBe('other-file');
  });

  it('does not resume an expired or aborted upload', () => {
    expect(resumption(upload, { size: 100 }, before + 3_600_001)).toBe('expired');
    expect(resumption({ ...upload, state: 'aborted' }, { size: 100 }, before)).toBe('expired');
  });
});

describe('a chosen file', () => {
  it('is refused when it is empty', () => {
    expect(refusalOf({ size: 0 })).toContain('empty');
    expect(refusalOf({ size: 1 })).toBeUndefined();
  });

  it('matches the unfinished upload by name and size', () => {
    const remembered = { fileName: 'film.mp4', size_bytes: 100 };
    expect(matchesFile(remembered, { name: 'film.mp4', size: 100 })).toBe(true);
    expect(matchesFile(remembered, { name: 'film.mp4', size: 99 })).toBe(false);
    expect(matchesFile(remembered, { name: 'other.mp4', size: 100 })).toBe(false);
  });
});

describe('an existing upload', () => {
  const here = { uploadId: 'a', fileName: 'film.mp4', titleId: 't', fingerprint: 'f' };

  it('has a file name in the browser that started it', () => {
    expect(existingUpload({ state: 'uploading', upload_id: 'a' }, here)).toEqual({
      uploadId: 'a',
      fileName: 'film.mp4',
    });
    expect(existingUpload({ state: 'uploading' }, here)).toEqual({ uploadId: 'a', fileName: 'film.mp4' });
    expect(existingUpload({ state: 'uploading' }, undefined)).toBeUndefined();
  });

  it('is ignored when the title is not uploading', () => {
    expect(existingUpload({ state: 'failed' }, here)).toBeUndefined();
    expect(existingUpload({ state: 'draft' }, here)).toBeUndefined();
  });

  it('is the one of the service, and accepts any file of its size elsewhere', () => {
    const elsewhere = existingUpload({ state: 'uploading', upload_id: 'b' }, here);
    expect(elsewhere).toEqual({ uploadId: 'b', fileName: undefined });
    expect(existingUpload({ state: 'uploading', upload_id: 'b' }, undefined)).toEqual(elsewhere);
    const upload = { fileName: elsewhere?.fileName, size_bytes: 100 };
    expect(matchesFile(upload, { name: 'copy of film.mp4', size: 100 })).toBe(true);
    expect(matchesFile(upload, { name: 'film.mp4', size: 99 })).toBe(false);
  });
});

describe('an interrupted upload', () => {
  it('resumes automatically after transient problems only', () => {
    expect(
      ['offline', 'unavailable', 'internal', 'too-many-requests'].map((kind) => isTransient({ kind } as never)),
    ).toEqual([true, true, true, true]);
    expect(
      ['conflict', 'invalid-fields', 'forbidden', 'unauthorized'].some((kind) => isTransient({ kind } as never)),
    ).toBe(false);
  });

  it('waits longer after each failure, up to half a minute', () => {
    expect([0, 1, 2, 5, 50].map(retryDelay)).toEqual([1_000, 2_000, 4_000, 30_000, 30_000]);
  });

  it('measures its idle time', () => {
    let transfer = { state: 'sending', idleMs: 0, idleSince: undefined as number | undefined };
    const becomes = (state: string, now: number) => {
      transfer = trackIdle({ ...transfer, state }, now);
    };
    becomes('waiting', 1_000);
    becomes('waiting', 2_000);
    expect(idleTime(transfer, 4_000)).toBe(3_000);
    becomes('preparing', 5_000);
    becomes('sending', 6_000);
    expect(idleTime(transfer, 60_000)).toBe(4_000);
    becomes('paused', 70_000);
    becomes('sending', 71_000);
    expect(idleTime(transfer, 80_000)).toBe(5_000);
  });
});

describe('speed', () => {
  it('is measured over the last seconds', () => {
    const samples = [0, 1_000, 2_000, 20_000, 21_000, 22_000].reduce(
      (all, at) => withSample(all, { at, sent: at <= 2_000 ? at * 100 : 200_000 + (at - 20_000) }),
      [] as { at: number; sent: number }[],
    );
    expect(speedOf(samples)).toBe(1_000);
  });

  it('is unknown after a single sample', () => {
    expect(speedOf([])).toBeUndefined();
    expect(
      speedOf([
        { at: 0, sent: 5 },
        { at: 300, sent: 50 },
      ]),
    ).toBeUndefined();
  });
});

it('names a title after its file', () => {
  expect(nameFromFile('my_first-film.final.mp4')).toBe('My first film final');
  expect(nameFromFile('.mp4')).toBe('');
});

it('declares a type that the service accepts', () => {
  expect(declaredType({ type: 'video/mp4' })).toBe('video/mp4');
  expect(declaredType({ type: 'video/webm;codecs=vp8' })).toBe('video/webm;codecs=vp8');
  expect(declaredType({ type: '' })).toBe('');
  // Some systems mistake MPEG transport streams for translation files.
  expect(declaredType({ type: 'text/vnd.trolltech.linguist' })).toBe('');
});

it('computes the checksum that S3 verifies', async () => {
  expect(await sha256(new Blob(['abc']))).toBe('ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=');
});

describe('batched', () => {
  const ask = vi.fn(async (questions: number[]) => questions.map((each) => each * 2).reverse());
  const find = (answers: number[], question: number) => answers.find((answer) => answer === question * 2);

  it('sends one request for simultaneous calls', async () => {
    const double = batched(ask, find, { max: 100, waitMs: 1 });
    expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it('limits the size of a batch', async () => {
    ask.mockClear();
    const double = batched(ask, find, { max: 2, waitMs: 1 });
    await Promise.all([double(1), double(2), double(3)]);
    expect(ask.mock.calls.map(([questions]) => questions)).toEqual([[1, 2], [3]]);
  });

  it('rejects all calls of a failed request, and calls without an item', async () => {
    const failing = batched(() => Promise.reject(new Error('no')), find, { max: 9, waitMs: 1 });
    await expect(Promise.all([failing(1), failing(2)])).rejects.toThrow('no');
    const forgetful = batched(async () => [2], find, { max: 9, waitMs: 1 });
    const [first, second] = await Promise.allSettled([forgetful(1), forgetful(2)]);
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
  });
});
