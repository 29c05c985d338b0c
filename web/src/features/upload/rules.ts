/** The upload's logic that needs no network. */
import type { Problem } from '@/api/problem';
import type { Title, Upload } from '@/api/types';

/** Identifies a file well enough to find its upload again. Its content is compared part by part later. */
export function fingerprint(file: Pick<File, 'name' | 'size' | 'lastModified'>): string {
  return `${file.name}:${file.size}:${file.lastModified}`;
}

export interface Part {
  number: number;
  start: number;
  end: number;
}

/** Splits a file into parts of the service's part size and a remainder. */
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

/** Why a file cannot be uploaded, checked before anything is created for it. */
export function refusalOf(file: Pick<File, 'size'>): string | undefined {
  return file.size === 0 ? 'This file is empty. Choose another one.' : undefined;
}

/** An unfinished upload of a title. */
export interface ExistingUpload {
  uploadId: string;
  /** Known only in the browser that started it. */
  fileName: string | undefined;
}

/** The upload of a title that can be resumed. The service's record wins over this browser's. */
export function existingUpload(
  title: Pick<Title, 'state' | 'upload_id'>,
  remembered: RememberedUpload | undefined,
): ExistingUpload | undefined {
  // This browser's record is outdated when the title is not uploading.
  if (title.state !== 'uploading') return undefined;
  const uploadId = title.upload_id ?? remembered?.uploadId;
  if (uploadId === undefined) return undefined;
  return { uploadId, fileName: remembered?.uploadId === uploadId ? remembered.fileName : undefined };
}

/** A record of an upload that this browser started. */
export interface RememberedUpload {
  fingerprint: string;
  fileName: string;
  titleId: string;
  uploadId: string;
}

/** Whether a file matches an unfinished upload by name and size. Its parts are compared later. */
export function matchesFile(
  upload: { fileName: string | undefined; size_bytes: number },
  file: Pick<File, 'name' | 'size'>,
): boolean {
  return (upload.fileName ?? file.name) === file.name && upload.size_bytes === file.size;
}

/** Whether all parts are uploaded. */
export function isComplete({ state }: Pick<Upload, 'state'>): boolean {
  return state === 'completing' || state === 'uploaded';
}

/** Whether an upload can be resumed with this file. */
export type Resumption = 'yes' | 'other-file' | 'expired';

export function resumption(
  upload: Pick<Upload, 'state' | 'size_bytes' | 'expires_at'>,
  file: { size: number },
  now: number,
): Resumption {
  if (upload.state !== 'open' || Date.parse(upload.expires_at) <= now) return 'expired';
  return upload.size_bytes === file.size ? 'yes' : 'other-file';
}

export interface Sample {
  at: number;
  sent: number;
}

/** Older samples do not count for the current speed. */
const SPEED_WINDOW_MS = 8_000;

/** Adds a sample and drops samples that are too old. */
export function withSample(samples: Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ at }) => sample.at - at <= SPEED_WINDOW_MS), sample];
}

/** Bytes per second over the last seconds; undefined while unknown. */
export function speedOf(samples: Sample[]): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || last.at - first.at < 1_000) return undefined;
  return Math.max(0, (last.sent - first.sent) / ((last.at - first.at) / 1000));
}

/** The media type to declare for a file: the browser's, or nothing if it is neither video nor audio. */
export function declaredType(file: Pick<File, 'type'>): string {
  return /^(video|audio)\/[\w.+-]+/.test(file.type) ? file.type : '';
}

/** Suggests a title's name from a file name: `my_first-film.final.mp4` → `My first film final`. */
export function nameFromFile(fileName: string): string {
  const words = fileName
    .replace(/\.[^.]{1,5}$/, '')
    .replaceAll(/[._-]+/g, ' ')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1, 200);
}

/** Whether the same upload may succeed later without the user. */
export function isTransient({ kind }: Pick<Problem, 'kind'>): boolean {
  return kind === 'offline' || kind === 'unavailable' || kind === 'internal' || kind === 'too-many-requests';
}

/** The delay before the next attempt, in ms: doubled each time, up to half a minute. */
export function retryDelay(failures: number): number {
  return Math.min(1_000 * 2 ** failures, 30_000);
}

interface IdleTime {
  state: string;
  idleMs: number;
  idleSince: number | undefined;
}

/** Adds up the time during which the upload is paused or waiting. */
export function trackIdle<T extends IdleTime>(transfer: T, now: number): T {
  const holds = transfer.state === 'paused' || transfer.state === 'waiting';
  if (holds) return transfer.idleSince === undefined ? { ...transfer, idleSince: now } : transfer;
  if (transfer.idleSince === undefined) return transfer;
  return { ...transfer, idleMs: transfer.idleMs + now - transfer.idleSince, idleSince: undefined };
}

/** How long the upload was paused or waiting until `now`, in ms. */
export function idleTime({ idleMs, idleSince }: Pick<IdleTime, 'idleMs' | 'idleSince'>, now: number): number {
  return idleMs + (idleSince === undefined ? 0 : Math.max(0, now - idleSince));
}
