import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext } from 'hls.js';
import type { Lease } from './lease';

type LoaderClass = new (config: HlsConfig) => Loader<LoaderContext>;

/**
 * The loader of hls.js, with the current token in the path of each request. A refused request (403) is retried once with a
 * new token. A second refusal, or a failed renewal, ends playback through `onRefused`.
 */
export function leasedLoader(Base: LoaderClass, lease: Lease, onRefused: (cause: unknown) => void): LoaderClass {
  return class LeasedLoader implements Loader<LoaderContext> {
    context: LoaderContext | null = null;
    stats: Loader<LoaderContext>['stats'];
    #inner: Loader<LoaderContext>;
    #callbacks: LoaderCallbacks<LoaderContext> | undefined;
    #finished = false;
    readonly #config: HlsConfig;

    constructor(config: HlsConfig) {
      this.#config = config;
      this.#inner = new Base(config);
      this.stats = this.#inner.stats;
    }

    load(context: LoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>): void {
      this.context = context;
      this.#callbacks = callbacks;
      void this.#attempt(context, config, callbacks, 1);
    }

    abort(): void {
      if (this.#finished) return;
      this.#finished = true;
      this.stats.aborted = true;
      // Before the request starts there is nothing to abort, but the caller still expects its callback.
      if (this.#inner.context) this.#inner.abort();
      else if (this.context) this.#callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy(): void {
      this.#finished = true;
      this.#callbacks = undefined;
      this.#inner.destroy();
    }

    getCacheAge(): number | null {
      return this.#inner.getCacheAge?.() ?? null;
    }

    getResponseHeader(name: string): string | null {
      return this.#inner.getResponseHeader?.(name) ?? null;
    }

    async #attempt(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
      attemptsLeft: number,
    ): Promise<void> {
      try {
        context.url = await lease.sign(context.url);
      } catch (cause) {
        this.#fail(cause);
        return;
      }
      if (this.#finished) return;

      this.#inner.load(context, config, {
        ...callbacks,
        onError: (error, failed, details, stats) => {
          if (error.code !== 403) callbacks.onError(error, failed, details, stats);
          else if (attemptsLeft === 0) this.#fail(new Error('the media was refused twice'));
          else void this.#retry(context, config, callbacks, attemptsLeft - 1);
        },
      });
    }

    async #retry(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
      attemptsLeft: number,
    ): Promise<void> {
      try {
        await lease.replace(context.url);
      } catch (cause) {
        this.#fail(cause);
        return;
      }
      if (this.#finished) return;

      // hls.js keeps the first statistics object, so the retry must write into it.
      const next = new Base(this.#config);
      Object.assign(this.stats, next.stats);
      next.stats = this.stats;
      this.#inner = next;
      await this.#attempt(context, config, callbacks, attemptsLeft);
    }

    #fail(cause: unknown): void {
      if (this.#finished) return;
      this.#finished = true;
      onRefused(cause);
    }
  };
}
