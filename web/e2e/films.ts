import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';

export const output = resolve(import.meta.dirname, 'output');

/**
 * A film with sound, large enough for several rungs and too long for a test to reach its end: `E2E_FILM`, or made by
 * FFmpeg and cached.
 */
export function film(): string {
  return process.env.E2E_FILM ?? makeFilm('film-60s.mp4', ['-t', '60', '-crf', '28']);
}

/** A film of several parts, which takes a while to upload. */
export function multipartFilm(): string {
  return makeFilm('film-24mb.mp4', ['-t', '20', '-vf', 'noise=alls=60:allf=t', '-b:v', '10M', '-minrate', '10M']);
}

function makeFilm(name: string, options: string[]): string {
  const path = resolve(output, name);
  if (existsSync(path)) return path;

  mkdirSync(output, { recursive: true });
  const draft = resolve(output, `${process.pid}-${name}`);
  const ffmpeg = process.env.FFMPEG ?? resolve(import.meta.dirname, '../../.venv/bin/ffmpeg');
  const video = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=12'];
  const audio = ['-f', 'lavfi', '-i', 'sine=frequency=330'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  execFileSync(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...video, ...audio, ...codecs, ...options, draft]);
  renameSync(draft, path);
  return path;
}

/** A text file of several parts with the name of a film. */
export function textFile(megabytes: number): { name: string; mimeType: string; buffer: Buffer } {
  return { name: 'not-a-film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(megabytes * 1024 * 1024, 'words ') };
}
