import type { IncomingMessage, ServerResponse } from 'node:http';
import type { createMock } from './server.ts';

/** The paths that the mock handles; all others belong to the app. */
const handled = /^\/(api|media|images|mock-bucket|_ministack)\//;

/** Handles a request to a Node server with the mock. Returns false if the path is not the mock's. */
export async function answerFrom(
  mock: ReturnType<typeof createMock>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<boolean> {
  const url = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
  if (!handled.test(new URL(url).pathname)) return false;

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
