import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { resolve } from 'node:path';

const output = resolve(import.meta.dirname, 'output');

/** A film with sound that is large enough for several rungs: `E2E_FILM`, or made by FFmpeg and kept for the next run. */
export function film(): string {
  if (process.env.E2E_FILM) return process.env.E2E_FILM;
  const path = resolve(output, 'film.mp4');
  if (existsSync(path)) return path;

  mkdirSync(output, { recursive: true });
  const draft = resolve(output, `film-${process.pid}.mp4`);
  const ffmpeg = process.env.FFMPEG ?? resolve(import.meta.dirname, '../../.venv/bin/ffmpeg');
  const pictures = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=24:duration=20'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=330:duration=20'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-shortest'];
  execFileSync(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...pictures, ...sound, ...codecs, draft]);
  renameSync(draft, path);
  return path;
}

/** A file of several parts that is no film, whatever its name says. */
export function notAFilm(megabytes: number): { name: string; mimeType: string; buffer: Buffer } {
  return { name: 'not-a-film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(megabytes * 1024 * 1024, 'words ') };
}
