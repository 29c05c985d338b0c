import type { HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderContext } from 'hls.js';
import type { Lease } from './lease';

type LoaderClass = new (config: HlsConfig) => Loader<LoaderContext>;

/**
 * hls.js's loader, with the token of the moment in the path of whatever it loads. A refused request (403) is made once
 * more with a new token; a second refusal, or no new token, ends the playback through `onRefused`.
 */
export function leasedLoader(Base: LoaderClass, lease: Lease, onRefused: (cause: unknown) => void): LoaderClass {
  return class LeasedLoader implements Loader<LoaderContext> {
    context: LoaderContext | null = null;
    stats: Loader<LoaderContext>['stats'];
    #inner: Loader<LoaderContext>;
    #callbacks: LoaderCallbacks<LoaderContext> | undefined;
    #over = false;
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
      if (this.#over) return;
      this.#over = true;
      this.stats.aborted = true;
      // Before the request is under way there is nothing to abort, but the caller waits to hear of it.
      if (this.#inner.context) this.#inner.abort();
      else if (this.context) this.#callbacks?.onAbort?.(this.stats, this.context, null);
    }

    destroy(): void {
      this.#over = true;
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
        this.#refused(cause);
        return;
      }
      if (this.#over) return;

      this.#inner.load(context, config, {
        ...callbacks,
        onError: (error, failed, details, stats) => {
          if (error.code !== 403) callbacks.onError(error, failed, details, stats);
          else if (attemptsLeft === 0) this.#refused(new Error('the media was refused twice'));
          else void this.#again(context, config, callbacks, attemptsLeft - 1);
        },
      });
    }

    async #again(
      context: LoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<LoaderContext>,
      attemptsLeft: number,
    ): Promise<void> {
      try {
        await lease.replace(context.url);
      } catch (cause) {
        this.#refused(cause);
        return;
      }
      if (this.#over) return;

      // hls.js holds on to the statistics it was given, so the second request writes into the same ones.
      const next = new Base(this.#config);
      Object.assign(this.stats, next.stats);
      next.stats = this.stats;
      this.#inner = next;
      await this.#attempt(context, config, callbacks, attemptsLeft);
    }

    #refused(cause: unknown): void {
      if (this.#over) return;
      this.#over = true;
      onRefused(cause);
    }
  };
}
