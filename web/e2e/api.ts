/** Prepares tests through the API; other tests cover the pages for it. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { SignedPart, Title, Upload } from '../src/api/types.ts';
import { output } from './films.ts';
import { PIPELINE_MS } from './pages.ts';
import { accountMenu, mailedCode, newPerson, type Person, signIn } from './people.ts';

const base = process.env.MARQUEE_URL ?? 'http://localhost:18080';

async function request<T>(method: string, path: string, body?: object, token?: string): Promise<T> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Creates an account with the requests of the forms. */
export async function createAccount(person: Person, role: 'viewer' | 'creator'): Promise<void> {
  await request('POST', '/api/auth/sign-up', { email: person.email });
  const code = await mailedCode(person.email);
  await request('POST', '/api/auth/confirm', {
    email: person.email,
    code,
    password: person.password,
    display_name: person.name,
    role,
  });
}

/** Creates an account and signs in to it, on the home page. */
export async function signInAsNew(page: Page, name: string, wants: 'watch' | 'publish'): Promise<Person> {
  const person = newPerson(name);
  await createAccount(person, wants === 'publish' ? 'creator' : 'viewer');
  await signIn(page, person);
  await expect(accountMenu(page, person)).toBeVisible();
  return person;
}

/** Creates an account for `person` and publishes a film. */
export async function publish(person: Person, name: string, path: string): Promise<Title> {
  await createAccount(person, 'creator');
  const { access_token: token } = await request<{ access_token: string }>('POST', '/api/auth/sign-in', {
    email: person.email,
    password: person.password,
  });
  const details = { name, description: 'Coloured bars, and a tone.', genres: ['documentary'], visibility: 'public' };
  const title = await request<Title>('POST', '/api/titles', details, token);
  const content = readFileSync(path);
  const upload = await request<Upload>(
    'POST',
    `/api/titles/${title.title_id}/uploads`,
    { file_name: 'film.mp4', size_bytes: content.length, content_type: 'video/mp4' },
    token,
  );

  const pieces = Array.from({ length: upload.part_count }, (_, index) =>
    content.subarray(index * upload.part_size, (index + 1) * upload.part_size),
  );
  const sums = pieces.map((piece, index) => ({
    part_number: index + 1,
    checksum_sha256: createHash('sha256').update(piece).digest('base64'),
  }));
  const uploads = `/api/uploads/${upload.upload_id}`;
  const { parts } = await request<{ parts: SignedPart[] }>('POST', `${uploads}/parts`, { parts: sums }, token);
  const uploaded = await Promise.all(
    parts.map(async ({ part_number, url, headers }) => {
      const body = new Uint8Array(pieces[part_number - 1] ?? []);
      const response = await fetch(new URL(url, base), { method: 'PUT', headers, body });
      if (!response.ok) throw new Error(`part ${part_number}: ${response.status} ${await response.text()}`);
      const sum = sums[part_number - 1]?.checksum_sha256 ?? '';
      return { part_number, checksum_sha256: sum, etag: response.headers.get('etag') ?? '' };
    }),
  );
  await request('POST', `${uploads}/complete`, { parts: uploaded }, token);

  let latest = title;
  await expect
    .poll(
      async () => {
        latest = await request<Title>('GET', `/api/titles/${title.title_id}`, undefined, token);
        return latest.state === 'failed' ? latest.failure?.sentence : latest.state;
      },
      { message: `${name} is published`, timeout: PIPELINE_MS, intervals: [1_000] },
    )
    .toBe('published');
  return latest;
}

/** Describes the film that all tests watch; `e2e/setup` publishes it. */
export const sharedFilm = resolve(output, 'published.json');

export interface SharedFilm {
  titleId: string;
  name: string;
  creator: Person;
}

export function publishedFilm(): SharedFilm {
  return JSON.parse(readFileSync(sharedFilm, 'utf8')) as SharedFilm;
}
