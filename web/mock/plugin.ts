import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, normalize } from 'node:path';
import type { Connect, Plugin } from 'vite';
import { createMock } from './server.ts';

/** Where `npm run mock:film` puts the film that every title plays. */
const MEDIA = join(import.meta.dirname, '.media');

/** Serves the mock behind the development server and behind the preview of the built app. */
export function mockBackend(): Plugin {
  const mock = createMock({
    tokenSeconds: Number(process.env.MARQUEE_MOCK_TOKEN_SECONDS ?? 600),
    film: (path) => readFile(join(MEDIA, normalize(path))).catch(() => undefined),
  });
  const serve: Connect.NextHandleFunction = (incoming, outgoing, next) => {
    void answer(incoming, outgoing).then((answered) => answered || next(), next);
  };

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
    const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
    if (!/^\/(api|media|images|mock-bucket|_ministack)\//.test(new URL(url).pathname)) return false;

    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const method = incoming.method ?? 'GET';
    const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const body = method === 'GET' || method === 'HEAD' ? null : new Blob(chunks);
    const response = await mock.handle(new Request(url, { method, headers, body }));
    if (!response) return false;
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(new Uint8Array(await response.arrayBuffer()));
    return true;
  }

  return {
    name: 'marquee-mock',
    configureServer: (server) => {
      server.middlewares.use(serve);
    },
    configurePreviewServer: (server) => {
      server.middlewares.use(serve);
    },
  };
}
