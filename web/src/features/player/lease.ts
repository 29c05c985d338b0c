/**
 * The right to fetch a title's files for a while. Its token stands in the path of every file; it is replaced before it
 * ends, and once when the edge refuses it.
 */
import type { Playback } from '@/api/types';
import { sameFiles, swapToken } from './rules';

/** A clock that disagrees with the service's must not make us ask for a token with every segment. */
const MIN_RENEWAL_INTERVAL_MS = 20_000;

/** A token that ends within this is not sent any more. */
const MARGIN_MS = 3_000;

/** The title was published anew: its files stand elsewhere now, and the player must start over. */
export class FilesReplaced extends Error {
  override name = 'FilesReplaced';
}

export class Lease {
  #playback: Playback;
  #renewal: Promise<void> | undefined;
  #renewedAt: number;
  readonly #ask: () => Promise<Playback>;
  readonly #now: () => number;

  constructor(playback: Playback, ask: () => Promise<Playback>, now: () => number = Date.now) {
    this.#playback = playback;
    this.#ask = ask;
    this.#now = now;
    this.#renewedAt = now();
  }

  get manifestUrl(): string {
    return this.#playback.manifest_url;
  }

  /** The address to fetch `url` from now. Waits for a new token only when the old one is of no use any more. */
  async sign(url: string): Promise<string> {
    const now = this.#now();
    const rested = now - this.#renewedAt >= MIN_RENEWAL_INTERVAL_MS;
    if (rested && now >= Date.parse(this.#playback.expires_at) - MARGIN_MS) {
      await this.#renew();
    } else if (rested && this.#playback.renew_after && now >= Date.parse(this.#playback.renew_after)) {
      // The old token still opens everything: a failed renewal is tried again with a later request.
      this.#renew().catch(() => {
        this.#renewedAt = this.#now();
      });
    }
    return swapToken(url, this.manifestUrl);
  }

  /** Gets a new token because the one in `refused` was refused, unless it was replaced meanwhile. */
  async replace(refused: string): Promise<void> {
    if (swapToken(refused, this.manifestUrl) === refused) await this.#renew();
  }

  #renew(): Promise<void> {
    this.#renewal ??= this.#ask()
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
