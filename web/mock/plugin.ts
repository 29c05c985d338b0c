import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { Connect, Plugin } from 'vite';
import { answerFrom } from './http.ts';
import { createMock } from './server.ts';

/** The folder where `mock/make-film.sh` writes the film that every title plays. */
const MEDIA = join(import.meta.dirname, '.media');

/** Serves the mock from the development server and the preview server. */
export function mockBackend(): Plugin {
  const mock = createMock({
    tokenSeconds: Number(process.env.MARQUEE_MOCK_TOKEN_SECONDS ?? 600),
    film: (path) => readFile(join(MEDIA, normalize(path))).catch(() => undefined),
  });
  const serve: Connect.NextHandleFunction = (incoming, outgoing, next) => {
    void answerFrom(mock, incoming, outgoing).then((handled) => handled || next(), next);
  };

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
