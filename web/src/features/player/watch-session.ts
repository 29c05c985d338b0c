/** One watch session: measures how much was played and creates heartbeats. */
import type { Progress } from '@/api/types';

export class WatchSession {
  readonly #id: string;
  /** The last sampled position; undefined after a seek, which plays nothing. */
  #lastTime: number | undefined;
  /** The current position. */
  #position = 0;
  #watchedMs = 0;
  #reported: { position: number; watched: number } | undefined;
  #number = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** Samples the position, in seconds. */
  sample(seconds: number): void {
    if (this.#lastTime !== undefined && seconds > this.#lastTime) this.#watchedMs += (seconds - this.#lastTime) * 1000;
    this.#lastTime = seconds;
    this.#position = seconds;
  }

  /** A seek: the skipped part does not count as watched. */
  seek(): void {
    this.#lastTime = undefined;
  }

  /** The next heartbeat; undefined when nothing is new or nothing was watched yet. */
  nextHeartbeat(): Progress | undefined {
    const position = Math.round(this.#position * 1000);
    const watched = Math.round(this.#watchedMs);
    if (watched === 0 || (this.#reported?.position === position && this.#reported.watched >= watched)) return undefined;

    this.#reported = { position, watched };
    // The number orders heartbeats even when nothing was watched between them.
    this.#number += 1;
    return { playback_id: this.#id, position_ms: position, watched_ms: watched, number: this.#number };
  }
}
