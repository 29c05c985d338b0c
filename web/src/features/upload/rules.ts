/** What an upload decides without a network. */
import type { Problem } from '@/api/problem';
import type { Title, Upload } from '@/api/types';

/** Tells a file from others well enough to find its upload again; what is in it is checked by its parts. */
export function fingerprint(file: Pick<File, 'name' | 'size' | 'lastModified'>): string {
  return `${file.name}:${file.size}:${file.lastModified}`;
}

export interface Part {
  number: number;
  start: number;
  end: number;
}

/** How a file is cut, as the service said: parts of one size, and what remains. */
export function partsOf(size: number, partSize: number): Part[] {
  const count = Math.max(1, Math.ceil(size / partSize));
  return Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    start: index * partSize,
    end: Math.min((index + 1) * partSize, size),
  }));
}

export function uploadedBytes(upload: Pick<Upload, 'parts'>): number {
  return upload.parts.reduce((sum, part) => sum + part.size_bytes, 0);
}

/** Why a file cannot be uploaded, known before anything is created for it. */
export function refusalOf(file: Pick<File, 'size'>): string | undefined {
  return file.size === 0 ? 'This file is empty. Choose another one.' : undefined;
}

/** An upload that was begun for a title. */
export interface ExistingUpload {
  uploadId: string;
  /** Known only where it was begun. */
  fileName: string | undefined;
}

/** The upload of a title that can be continued: the one that the service knows of, whatever this browser remembers. */
export function existingUpload(
  title: Pick<Title, 'state' | 'upload_id'>,
  here: RememberedUpload | undefined,
): ExistingUpload | undefined {
  // What this browser remembers of a title that waits for no upload is over.
  if (title.state !== 'uploading') return undefined;
  const uploadId = title.upload_id ?? here?.uploadId;
  if (uploadId === undefined) return undefined;
  return { uploadId, fileName: here?.uploadId === uploadId ? here.fileName : undefined };
}

/** What this browser remembers of an upload that was begun in it. */
export interface RememberedUpload {
  fingerprint: string;
  fileName: string;
  titleId: string;
  uploadId: string;
}

/** Whether this is the file whose upload was begun, as far as its name and size say; its parts are compared later. */
export function matchesFile(
  upload: { fileName: string | undefined; size_bytes: number },
  file: Pick<File, 'name' | 'size'>,
): boolean {
  return (upload.fileName ?? file.name) === file.name && upload.size_bytes === file.size;
}

/** Whether all of the file is there: nothing is left to send. */
export function isComplete({ state }: Pick<Upload, 'state'>): boolean {
  return state === 'completing' || state === 'uploaded';
}

/** Whether an upload can be continued with this file. */
export type Resumption = 'yes' | 'other-file' | 'over';

export function resumption(
  upload: Pick<Upload, 'state' | 'size_bytes' | 'expires_at'>,
  file: { size: number },
  now: number,
): Resumption {
  if (upload.state !== 'open' || Date.parse(upload.expires_at) <= now) return 'over';
  return upload.size_bytes === file.size ? 'yes' : 'other-file';
}

export interface Sample {
  at: number;
  sent: number;
}

/** Samples older than this do not tell the speed of now. */
const SPEED_WINDOW_MS = 8_000;

/** Adds a sample and forgets what is too old. */
export function withSample(samples: Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ at }) => sample.at - at <= SPEED_WINDOW_MS), sample];
}

/** Bytes per second over the last seconds; undefined before that can be told. */
export function speedOf(samples: Sample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < 1_000) return undefined;
  return Math.max(0, (last.sent - first.sent) / ((last.at - first.at) / 1000));
}

/** The media type that is declared for a file: what the browser says, or nothing if that is no film. */
export function declaredType(file: Pick<File, 'type'>): string {
  return /^(video|audio)\/[\w.+-]+/.test(file.type) ? file.type : '';
}

/** A title's first name, from the file's: `my_first-film.final.mp4` → `My first film final`. */
export function nameFromFile(fileName: string): string {
  const words = fileName
    .replace(/\.[^.]{1,5}$/, '')
    .replaceAll(/[._-]+/g, ' ')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1, 200);
}

/** Whether the same upload may succeed later without anybody's doing. */
export function isTransient({ kind }: Pick<Problem, 'kind'>): boolean {
  return kind === 'offline' || kind === 'unavailable' || kind === 'internal' || kind === 'too-many-requests';
}

/** How long to wait before the next try: longer each time, at most half a minute. */
export function retryDelay(failures: number): number {
  return Math.min(1_000 * 2 ** failures, 30_000);
}

interface IdleTime {
  state: string;
  idleMs: number;
  idleSince: number | undefined;
}

/** Keeps the account of the time in which nothing is sent. */
export function trackIdle<T extends IdleTime>(transfer: T, now: number): T {
  const holds = transfer.state === 'paused' || transfer.state === 'waiting';
  if (holds) return transfer.idleSince === undefined ? { ...transfer, idleSince: now } : transfer;
  if (transfer.idleSince === undefined) return transfer;
  return { ...transfer, idleMs: transfer.idleMs + now - transfer.idleSince, idleSince: undefined };
}

/** How long nothing was sent until now. */
export function idleTime({ idleMs, idleSince }: Pick<IdleTime, 'idleMs' | 'idleSince'>, now: number): number {
  return idleMs + (idleSince === undefined ? 0 : Math.max(0, now - idleSince));
}
