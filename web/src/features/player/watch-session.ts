/** One sitting before a film: how much of it was played, and what is new to say of it. */
import type { Progress } from '@/api/types';

export class WatchSession {
  readonly #id: string;
  /** Where the film stood when it was last looked at; undefined after a jump, which plays nothing. */
  #at: number | undefined;
  /** Where it stands. */
  #place = 0;
  #watchedMs = 0;
  #said: { position: number; watched: number } | undefined;
  #number = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** The film stands at `time` seconds. */
  look(time: number): void {
    if (this.#at !== undefined && time > this.#at) this.#watchedMs += (time - this.#at) * 1000;
    this.#at = time;
    this.#place = time;
  }

  /** The film jumps: what lies between is not watched. */
  jump(): void {
    this.#at = undefined;
  }

  /** What to say now; undefined when it was said already, or nothing was watched yet. */
  beat(): Progress | undefined {
    const position = Math.round(this.#place * 1000);
    const watched = Math.round(this.#watchedMs);
    if (watched === 0 || (this.#said?.position === position && this.#said.watched >= watched)) return undefined;

    this.#said = { position, watched };
    // The number says which heartbeat is the later one, also when nothing was watched in between.
    this.#number += 1;
    return { playback_id: this.#id, position_ms: position, watched_ms: watched, number: this.#number };
  }
}
