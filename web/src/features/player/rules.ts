/** The player's logic that needs no video element. */

import { formatBitrate } from '@/format/amounts';

/** The start of a protected path: `/media/<token>/<asset>/<attempt>/…`. */
const mediaPath = /^(.*\/media\/)([^/]+)(\/[^/]+\/[^/]+\/)/;

/**
 * `url` with the token of `signed`, if both belong to the same attempt of the same asset. Playlists are fetched once and
 * their segments are relative to the playlist's URL, so later requests still carry the first token.
 */
export function swapToken(url: string, signed: string): string {
  const wanted = mediaPath.exec(url);
  const source = mediaPath.exec(signed);
  if (!wanted || !source || wanted[3] !== source[3]) return url;
  return `${wanted[1]}${source[2]}${wanted[3]}${url.slice(wanted[0].length)}`;
}

/** Whether two signed URLs belong to the same files, so that one's token also opens the other. */
export function sameFiles(a: string, b: string): boolean {
  const files = mediaPath.exec(a)?.[3];
  return files !== undefined && files === mediaPath.exec(b)?.[3];
}

/** A rung of the ladder in the quality menu. */
export interface Rung {
  /** The level in the playlist. */
  level: number;
  /** `720p`, by the short side, so that portrait films have the same names. */
  name: string;
  bandwidth: number;
}

export interface PlaylistLevel {
  width: number;
  height: number;
  bitrate: number;
}

/** The menu's rungs, best first. Rungs with equal names also show their bitrate. */
export function rungsOf(levels: PlaylistLevel[]): Rung[] {
  const rungs = levels.map((level, index) => ({ level: index, name: rungName(level), bandwidth: level.bitrate }));
  const twice = (name: string) => rungs.filter((rung) => rung.name === name).length > 1;
  return rungs
    .map((rung) => (twice(rung.name) ? { ...rung, name: `${rung.name}, ${formatBitrate(rung.bandwidth)}` } : rung))
    .sort((a, b) => b.bandwidth - a.bandwidth);
}

function rungName({ width, height, bitrate }: PlaylistLevel): string {
  const lines = Math.min(width, height);
  return lines > 0 ? `${lines}p` : formatBitrate(bitrate);
}

export const speeds = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** The next speed in a direction, up to the fastest or slowest. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  const at = speeds.findIndex((each) => each >= speed - 0.001);
  const index = Math.min(Math.max((at < 0 ? speeds.length - 1 : at) + direction, 0), speeds.length - 1);
  return speeds[index] ?? 1;
}

const DOUBLE_TAP_MS = 350;

/**
 * What a tap does, by its position (share of the width) and the time since the last tap. A number skips that many
 * seconds.
 */
export function tapAction(at: number, sinceLastMs: number): -10 | 10 | 'toggle-play' | 'show-controls' {
  if (sinceLastMs > DOUBLE_TAP_MS) return 'show-controls';
  if (at < 0.35) return -10;
  return at > 0.65 ? 10 : 'toggle-play';
}
