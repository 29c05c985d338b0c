/** One sitting before a film: how much of it was played, and what is new to say of it. */
import type { Progress } from '@/api/types';

export class Sitting {
  readonly #id: string;
  /** Where the film stood when it was last looked at; undefined after a jump, which plays nothing. */
  #at: number | undefined;
  /** Where it stands. */
  #place = 0;
  #watchedMs = 0;
  #said: { position: number; watched: number } | undefined;

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

    // The service takes what says more than before: who only moved to another place says a millisecond more.
    const told = this.#said && this.#said.watched >= watched ? this.#said.watched + 1 : watched;
    this.#said = { position, watched: told };
    return { playback_id: this.#id, position_ms: position, watched_ms: told };
  }
}
