/** Serves the built app with a mock of its own for each test. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { contentSecurityPolicy } from '../../mock/csp.ts';
import { answerFrom } from '../../mock/http.ts';
import { createMock, PASSWORD } from '../../mock/server.ts';

const dist = resolve(import.meta.dirname, '../../dist');
const media = resolve(import.meta.dirname, '../../mock/.media');

const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
};

interface Options {
  /** How fast the clock of the mock runs, by which pipelines advance: 1 is real time, and at 0 it stops. */
  clockRate: number;
}

export const test = base.extend<Options>({
  clockRate: [1, { option: true }],
  baseURL: async ({ clockRate }, use) => {
    const startedAt = Date.now();
    const server = await serve(() => startedAt + (Date.now() - startedAt) * clockRate);
    await use(`http://localhost:${(server.address() as AddressInfo).port}`);
    server.closeAllConnections();
    server.close();
  },
});

async function serve(now: () => number): Promise<Server> {
  const mock = createMock({ now, film: (path) => readFile(join(media, normalize(path))).catch(() => undefined) });
  const server = createServer((incoming, outgoing) => {
    answerFrom(mock, incoming, outgoing).then(
      async (handled) => {
        if (handled) return;
        const { pathname } = new URL(incoming.url ?? '/', 'http://localhost');
        const name = extname(pathname) ? pathname : '/index.html';
        const content = await readFile(join(dist, normalize(name))).catch(() => undefined);
        outgoing.writeHead(content ? 200 : 404, {
          'content-type': types[extname(name)] ?? 'application/octet-stream',
          'content-security-policy': contentSecurityPolicy("'self'"),
        });
        outgoing.end(content);
      },
      () => outgoing.destroy(),
    );
  });
  await new Promise<void>((listening) => server.listen(0, 'localhost', listening));
  return server;
}

/** Signs in as one of the mock's users. */
export async function signInAs(page: Page, who: 'viewer' | 'creator' | 'admin'): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(`${who}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: /^Account:/ })).toBeVisible();
}

export { expect };
