import type { HlsConfig, Loader, LoaderCallbacks, LoaderContext } from 'hls.js';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Playback } from '@/api/types';
import { Lease } from './lease';
import { leasedLoader } from './leased-loader';

/** The statuses that the edge will return, and the URLs requested. */
let statuses: number[] = [];
let requested: string[] = [];

function freshStats() {
  const phase = () => ({ start: 0, first: 0, end: 0 });
  return {
    aborted: false,
    loaded: 0,
    retry: 0,
    total: 0,
    chunkCount: 0,
    bwEstimate: 0,
    loading: phase(),
    parsing: phase(),
    buffering: phase(),
  };
}

class Edge implements Loader<LoaderContext> {
  context: LoaderContext | null = null;
  stats = freshStats();
  abort() {}
  destroy() {}
  load(context: LoaderContext, _: unknown, callbacks: LoaderCallbacks<LoaderContext>) {
    this.context = context;
    this.stats.loading.start = 1;
    requested.push(context.url);
    const code = statuses.shift() ?? 200;
    queueMicrotask(() => {
      if (code === 200) callbacks.onSuccess({ url: context.url, code, data: 'ok' }, this.stats, context, null);
      else callbacks.onError({ code, text: '' }, context, null, this.stats);
    });
  }
}

const playback = (token: string): Playback => ({
  playback_id: token,
  manifest_url: `/media/${token}/asset/1/hls/master.m3u8`,
  expires_at: new Date(Date.now() + 600_000).toISOString(),
});

function load(request: () => Promise<Playback>) {
  const onRefused = vi.fn();
  const onSuccess = vi.fn();
  const onError = vi.fn();
  const Leased = leasedLoader(Edge, new Lease(playback('old'), request), onRefused);
  const loader = new Leased({} as HlsConfig);
  const context = { url: '/media/old/asset/1/hls/3.m4s', responseType: 'arraybuffer' } as LoaderContext;
  loader.load(context, {} as never, { onSuccess, onError, onTimeout: vi.fn() });
  return { loader, onRefused, onSuccess, onError };
}

describe('the leased loader', () => {
  beforeEach(() => {
    statuses = [];
    requested = [];
  });

  it('renews after a refusal and retries with the new token', async () => {
    statuses = [403, 200];
    const request = vi.fn(async () => playback('new'));
    const { loader, onSuccess, onRefused } = load(request);
    const { stats } = loader;

    await vi.waitFor(() => expect(onSuccess).toHaveBeenCalled());
    expect(requested).toEqual(['/media/old/asset/1/hls/3.m4s', '/media/new/asset/1/hls/3.m4s']);
    expect(request).toHaveBeenCalledTimes(1);
    expect(onRefused).not.toHaveBeenCalled();
    // hls.js keeps the first statistics object that it receives.
    expect(onSuccess.mock.calls[0]?.[1]).toBe(stats);
  });

  it('stops playback after a second refusal', async () => {
    statuses = [403, 403];
    const { onRefused, onError } = load(async () => playback('new'));
    await vi.waitFor(() => expect(onRefused).toHaveBeenCalledTimes(1));
    expect(onError).not.toHaveBeenCalled();
  });

  it('stops playback when there is no new token', async () => {
    statuses = [403];
    const { onRefused } = load(async () => {
      throw new Error('archived');
    });
    await vi.waitFor(() => expect(onRefused).toHaveBeenCalledWith(new Error('archived')));
  });

  it('leaves other errors to hls.js', async () => {
    statuses = [500];
    const { onRefused, onError } = load(async () => playback('new'));
    await vi.waitFor(() => expect(onError).toHaveBeenCalled());
    expect(onRefused).not.toHaveBeenCalled();
  });

  it('does not load after an abort', async () => {
    const { loader, onSuccess } = load(async () => playback('new'));
    loader.abort();
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    expect(requested).toEqual([]);
    expect(onSuccess).not.toHaveBeenCalled();
  });
});
