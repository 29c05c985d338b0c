/**
 * The right to fetch a title's files for a while. Its token is in the path of every file. It is renewed before it expires,
 * and replaced once when the edge refuses it.
 */
import type { Playback } from '@/api/types';
import { sameFiles, swapToken } from './rules';

/** Limits renewals in case this device's clock and the service's disagree. */
const MIN_RENEWAL_INTERVAL_MS = 20_000;

/** A token that expires within this time is not used any more. */
const MARGIN_MS = 3_000;

/** The title was published again: its files have moved, and the player must restart. */
export class FilesReplaced extends Error {
  override name = 'FilesReplaced';
}

export class Lease {
  #playback: Playback;
  #renewal: Promise<void> | undefined;
  #renewedAt: number;
  readonly #request: () => Promise<Playback>;
  readonly #now: () => number;

  constructor(playback: Playback, request: () => Promise<Playback>, now: () => number = Date.now) {
    this.#playback = playback;
    this.#request = request;
    this.#now = now;
    this.#renewedAt = now();
  }

  get manifestUrl(): string {
    return this.#playback.manifest_url;
  }

  /** `url` with a valid token. Waits for a renewal only when the old token has expired. */
  async sign(url: string): Promise<string> {
    const now = this.#now();
    const mayRenew = now - this.#renewedAt >= MIN_RENEWAL_INTERVAL_MS;
    if (mayRenew && now >= Date.parse(this.#playback.expires_at) - MARGIN_MS) {
      await this.#renew();
    } else if (mayRenew && this.#playback.renew_after && now >= Date.parse(this.#playback.renew_after)) {
      // The old token is still valid: if this renewal fails, a later request tries again.
      this.#renew().catch(() => {
        this.#renewedAt = this.#now();
      });
    }
    return swapToken(url, this.manifestUrl);
  }

  /** Replaces the token in `refused`, unless that has already happened. */
  async replace(refused: string): Promise<void> {
    if (swapToken(refused, this.manifestUrl) === refused) await this.#renew();
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#request()
      .then((playback) => {
        if (!sameFiles(playback.manifest_url, this.#playback.manifest_url)) throw new FilesReplaced();
        this.#playback = playback;
        this.#renewedAt = this.#now();
      })
      .finally(() => {
        this.#renewal = undefined;
      });
    return this.#renewal;
  }
}
