import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Playback } from '@/api/types';
import { FilesReplaced, Lease } from './lease';

const T0 = Date.parse('2026-03-05T12:00:00Z');
const MINUTE = 60_000;

let now = T0;
let issued = 0;

function playback(attempt = 1): Playback {
  issued += 1;
  return {
    playback_id: String(issued),
    manifest_url: `/media/token-${issued}/asset/${attempt}/hls/master.m3u8`,
    expires_at: new Date(now + 10 * MINUTE).toISOString(),
    renew_after: new Date(now + 7 * MINUTE).toISOString(),
  };
}

const segment = '/media/token-1/asset/1/hls/3.m4s';

describe('a lease', () => {
  beforeEach(() => {
    now = T0;
    issued = 0;
  });

  it('keeps a fresh token', async () => {
    const request = vi.fn(async () => playback());
    const lease = new Lease(playback(), request, () => now);
    now += 6 * MINUTE;
    expect(await lease.sign(segment)).toBe(segment);
    expect(request).not.toHaveBeenCalled();
  });

  it('renews in the background before the token expires', async () => {
    const request = vi.fn(async () => playback());
    const lease = new Lease(playback(), request, () => now);
    now += 8 * MINUTE;
    expect(await lease.sign(segment)).toBe(segment);
    expect(request).toHaveBeenCalledTimes(1);
    await vi.waitFor(async () => expect(await lease.sign(segment)).toContain('token-2'));
  });

  it('waits for one shared renewal when the token has expired', async () => {
    const request = vi.fn(async () => playback());
    const lease = new Lease(playback(), request, () => now);
    now += 11 * MINUTE;
    const signed = await Promise.all([lease.sign(segment), lease.sign(segment)]);
    expect(signed).toEqual([segment.replace('token-1', 'token-2'), segment.replace('token-1', 'token-2')]);
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('keeps the old token when an early renewal fails', async () => {
    const request = vi.fn(async () => {
      throw new TypeError('Failed to fetch');
    });
    const lease = new Lease(playback(), request, () => now);
    now += 8 * MINUTE;
    expect(await lease.sign(segment)).toBe(segment);
    await vi.waitFor(async () => expect(await lease.sign(segment)).toBe(segment));
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('does not renew for every segment when the clocks disagree', async () => {
    const request = vi.fn(async () => ({ ...playback(), expires_at: new Date(T0 - MINUTE).toISOString() }));
    const lease = new Lease(playback(), request, () => now);
    now += 11 * MINUTE;
    await lease.sign(segment);
    now += 1_000;
    await lease.sign(segment);
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('replaces a refused token once', async () => {
    const request = vi.fn(async () => playback());
    const lease = new Lease(playback(), request, () => now);
    await lease.replace(segment);
    await lease.replace(segment);
    expect(request).toHaveBeenCalledTimes(1);
    expect(await lease.sign(segment)).toContain('token-2');
  });

  it('reports that the title was published again', async () => {
    const lease = new Lease(
      playback(),
      async () => playback(2),
      () => now,
    );
    await expect(lease.replace(segment)).rejects.toBeInstanceOf(FilesReplaced);
  });
});
