/** Which uploads were begun in this browser, so that they can be gone on with after the tab was closed. */
import type { Remembered } from './rules';

const STORED = 'marquee.uploads';
const MOST = 20;

export function remember(upload: Remembered): void {
  store([upload, ...all().filter((each) => each.titleId !== upload.titleId)].slice(0, MOST));
}

export function forgetUploadOf(titleId: string): void {
  store(all().filter((each) => each.titleId !== titleId));
}

export function rememberedForTitle(titleId: string): Remembered | undefined {
  return all().find((each) => each.titleId === titleId);
}

export function rememberedForFile(fingerprint: string): Remembered | undefined {
  return all().find((each) => each.fingerprint === fingerprint);
}

function all(): Remembered[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]');
    return Array.isArray(stored) ? (stored as Remembered[]) : [];
  } catch {
    return [];
  }
}

function store(uploads: Remembered[]): void {
  localStorage.setItem(STORED, JSON.stringify(uploads));
}
