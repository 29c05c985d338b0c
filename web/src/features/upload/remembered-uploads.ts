/** The uploads started in this browser, so that they can be resumed after the tab was closed. */
import type { RememberedUpload } from './rules';

const STORAGE_KEY = 'marquee.uploads';
const MAX_REMEMBERED = 20;

export function rememberUpload(upload: RememberedUpload): void {
  store([upload, ...all().filter((each) => each.titleId !== upload.titleId)].slice(0, MAX_REMEMBERED));
}

export function forgetUpload(titleId: string): void {
  store(all().filter((each) => each.titleId !== titleId));
}

export function rememberedForTitle(titleId: string): RememberedUpload | undefined {
  return all().find((each) => each.titleId === titleId);
}

export function rememberedForFile(fingerprint: string): RememberedUpload | undefined {
  return all().find((each) => each.fingerprint === fingerprint);
}

function all(): RememberedUpload[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(stored) ? (stored as RememberedUpload[]) : [];
  } catch {
    return [];
  }
}

function store(uploads: RememberedUpload[]): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify(uploads));
}
