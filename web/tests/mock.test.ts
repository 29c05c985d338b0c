import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { createMock } from '../mock/server.ts';

interface Operation {
  requestBody?: { content: { 'application/json': { schema: { $ref: string } } } };
  responses: Record<string, { content?: Record<string, { schema: { $ref: string } }> }>;
}

const openapi = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
  components: unknown;
};
/** The response fields that the tests use. */
interface Answer {
  account_id: string;
  roles: string[];
  title_id: string;
  upload_id: string;
  refresh_token: string;
  next_cursor?: string;
  version: number;
  state: string;
  steps: { state: string; reason?: { error: string } }[];
  items: { title_id: string }[];
  rows: { kind: string }[];
  resume_ms: number;
  active_run?: string;
  challenger?: { run_id: string };
  experiments: { results?: object }[];
  experiment_id: string;
  verdict: string;
  errors: { pointer: string }[];
}

const ajv = new Ajv2020({ strict: false, validateFormats: false }).addSchema(openapi, 'openapi.json');

/** Validates a value against a schema of `openapi.json`. */
function schemaError(reference: string, value: unknown): string | undefined {
  const valid = ajv.validate({ $ref: `openapi.json${reference}` }, value);
  return valid ? undefined : ajv.errorsText();
}

let clock = Date.parse('2026-03-05T12:00:00Z');
const mock = createMock({ now: () => clock });
const covered = new Set<string>();
const FILM = '0197a000-0000-7000-8000-000000000001';

/** Sends a request to the mock, and validates request and response against `openapi.json`. */
async function ask(
  method: string,
  route: string,
  options: { as?: string; body?: object; id?: string; query?: string } = {},
) {
  const { as, body, id = '', query = '' } = options;
  const operation = openapi.paths[route]?.[method.toLowerCase()];
  if (!operation) throw new Error(`openapi.json has no ${method} ${route}`);
  if (operation.requestBody) {
    expect(
      schemaError(operation.requestBody.content['application/json'].schema.$ref, body),
      `${method} ${route}, request`,
    ).toBeUndefined();
  }

  const response = await mock.handle(
    new Request(`http://marquee${route.replace(/\{\w+\}/, id).replace('{role}', 'creator')}${query}`, {
      method,
      headers: as ? { authorization: `Bearer access:${as}@example.com` } : {},
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
  if (!response) throw new Error(`the mock does not handle ${method} ${route}`);
  const declared = operation.responses[response.status];
  expect(declared, `${method} ${route} may respond with ${response.status}`).toBeDefined();
  const type = response.headers.get('content-type') ?? '';
  const answer: unknown = type.includes('json') ? await response.json() : undefined;
  const schema = declared?.content?.[type]?.schema.$ref;
  if (schema) expect(schemaError(schema, answer), `${method} ${route}, response ${response.status}`).toBeUndefined();
  covered.add(`${method.toLowerCase()} ${route}`);
  return { status: response.status, answer: answer as Answer };
}

async function mailedCode(email: string): Promise<string> {
  const response = (await mock.handle(new Request('http://marquee/_ministack/ses/messages'))) as Response;
  const { messages } = (await response.json()) as { messages: { mock: { To: string[]; BodyText: string }[] } };
  return /\d{6}/.exec(messages.mock.findLast(({ To }) => To.includes(email))?.BodyText ?? '')?.[0] ?? '';
}

describe('the mock follows openapi.json', () => {
  it('for signing up, signing in and signing out', async () => {
    const email = 'nia@example.com';
    const [password, another] = ['a good password 1', 'another good password'];
    const account = { email, password, display_name: 'Nia', role: 'creator' };
    const address = { body: { email } };
    expect((await ask('POST', '/api/auth/sign-up', address)).status).toBe(202);
    expect((await ask('POST', '/api/auth/resend-code', address)).status).toBe(202);
    expect((await ask('POST', '/api/auth/sign-in', { body: { email, password } })).status).toBe(401);
    expect((await ask('POST', '/api/auth/confirm', { body: { ...account, code: '000000' } })).status).toBe(422);
    expect(
      (await ask('POST', '/api/auth/confirm', { body: { ...account, code: await mailedCode(email) } })).status,
    ).toBe(204);
    expect((await ask('POST', '/api/auth/forgot-password', address)).status).toBe(202);
    const reset = { email, password: another, code: await mailedCode(email) };
    expect((await ask('POST', '/api/auth/reset-password', { body: reset })).status).toBe(204);
    expect((await ask('POST', '/api/auth/sign-in', { body: { email, password } })).status).toBe(401);
    const { answer } = await ask('POST', '/api/auth/sign-in', { body: { email, password: another } });
    const refresh = { body: { refresh_token: answer.refresh_token } };
    expect((await ask('POST', '/api/auth/refresh', refresh)).status).toBe(200);
    expect((await ask('POST', '/api/auth/sign-out', refresh)).status).toBe(204);
    expect((await ask('GET', '/api/me', { as: 'viewer' })).status).toBe(200);
    const change = { current_password: 'correct horse 1', new_password: 'correct horse 2' };
    expect((await ask('PUT', '/api/me/password', { as: 'viewer', body: change })).status).toBe(204);
    expect((await ask('PUT', '/api/me/password', { as: 'viewer', body: change })).status).toBe(422);
    expect((await ask('POST', '/api/me/sign-out-everywhere', { as: 'viewer' })).status).toBe(204);
  });

  it('for creator requests and their admins', async () => {
    const as = 'admin';
    const route = '/api/admin/accounts/{account_id}';
    const { answer: me } = await ask('GET', '/api/me', { as: 'viewer' });
    const id = me.account_id;
    const request = async () => (await ask('POST', '/api/me/creator-request', { as: 'viewer' })).answer.state;
    const decide = async (verb: string) =>
      (await ask('POST', `/api/admin/creator-requests/{account_id}/${verb}`, { as, id })).status;

    expect(await request()).toBe('pending');
    expect((await ask('GET', '/api/admin/creator-requests', { as })).answer.items).toHaveLength(1);
    expect(await decide('decline')).toBe(204);
    expect(await request()).toBe('pending');
    expect(await decide('approve')).toBe(204);
    expect((await ask('GET', route, { as, id })).answer.roles).toEqual(['creator']);
    expect((await ask('DELETE', `${route}/roles/{role}`, { as, id })).status).toBe(204);
    expect((await ask('PUT', `${route}/roles/{role}`, { as, id })).status).toBe(204);
    expect((await ask('DELETE', `${route}/roles/{role}`, { as, id })).status).toBe(204);
    expect((await ask('POST', `${route}/disable`, { as, id })).status).toBe(204);
    expect((await ask('GET', '/api/admin/accounts', { as, query: '?state=disabled' })).answer.items).toHaveLength(1);
    expect((await ask('POST', `${route}/enable`, { as, id })).status).toBe(204);
    const { answer: log } = await ask('GET', '/api/admin/audit', { as, query: '?day=2026-03-05' });
    expect(log.items).toHaveLength(7);
    expect((await ask('GET', '/api/admin/audit', { as: 'viewer' })).status).toBe(403);
  });

  it('for browsing and watching', async () => {
    const { answer } = await ask('GET', '/api/titles', { as: 'viewer', query: '?limit=5' });
    expect(answer.next_cursor).toBeDefined();
    const id = answer.items[0]?.title_id ?? '';
    expect((await ask('GET', '/api/titles', { as: 'viewer', query: '?state=failed' })).status).toBe(403);
    await ask('GET', '/api/titles/{title_id}', { as: 'viewer', id });
    expect((await ask('GET', '/api/genres', { as: 'viewer' })).answer.items).toContain('science-fiction');
    expect((await ask('GET', '/api/titles/{title_id}', { as: 'viewer', id: 'nope' })).status).toBe(404);
    await ask('GET', '/api/titles/{title_id}/similar', { as: 'viewer', id });
    await ask('POST', '/api/titles/{title_id}/playback', { as: 'viewer', id, body: { renewable: true } });
  });

  it('for watch progress and recommendations', async () => {
    const as = 'viewer';
    const [first, second] = (await ask('GET', '/api/titles', { as, query: '?limit=2' })).answer.items;
    const [id, other] = [first?.title_id ?? '', second?.title_id ?? ''];
    const body = { playback_id: '0197a000-0000-7000-8000-000000000001', position_ms: 600_000, watched_ms: 600_000 };
    expect((await ask('PUT', '/api/titles/{title_id}/progress', { as, id, body })).status).toBe(204);
    expect((await ask('PUT', '/api/titles/{title_id}/like', { as, id: other })).status).toBe(204);
    const { answer: engagement } = await ask('GET', '/api/titles/{title_id}/engagement', { as, id });
    expect(engagement.resume_ms).toBe(600_000);
    const { answer: home } = await ask('GET', '/api/me/home', { as });
    expect(home.rows.slice(0, 2).map((row) => row.kind)).toEqual(['continue_watching', 'because']);
    expect((await ask('DELETE', '/api/titles/{title_id}/like', { as, id: other })).status).toBe(204);

    const feedback = { title_id: id, feedback: 'not_interested' };
    expect((await ask('POST', '/api/me/recommendations/feedback', { as, body: feedback })).status).toBe(204);
    const { answer: personal } = await ask('GET', '/api/me/recommendations', { as });
    expect(personal.items.length).toBeGreaterThan(5);
  });

  it('for publishing', async () => {
    const as = 'creator';
    const made = await ask('POST', '/api/titles', {
      as,
      body: { name: 'Harbour', genres: ['drama'], visibility: 'public' },
    });
    expect(made.status).toBe(201);
    const id = made.answer.title_id;
    const changed = await ask('PATCH', '/api/titles/{title_id}', {
      as,
      id,
      body: { description: 'Boats.', version: 1 },
    });
    expect(changed.answer.version).toBe(2);
    expect((await ask('PATCH', '/api/titles/{title_id}', { as, id, body: { name: 'Late', version: 1 } })).status).toBe(
      409,
    );

    const file = { file_name: 'a.mp4', size_bytes: 9_000_000, content_type: 'video/mp4' };
    const canceled = await ask('POST', '/api/titles/{title_id}/uploads', { as, id, body: file });
    expect((await ask('DELETE', '/api/uploads/{upload_id}', { as, id: canceled.answer.upload_id })).status).toBe(204);
    const { answer: upload } = await ask('POST', '/api/titles/{title_id}/uploads', { as, id, body: file });
    const sums = [1, 2].map((part_number) => ({ part_number, checksum_sha256: 'A'.repeat(44) }));
    await ask('POST', '/api/uploads/{upload_id}/parts', { as, id: upload.upload_id, body: { parts: sums } });
    await ask('GET', '/api/uploads/{upload_id}', { as, id: upload.upload_id });
    const parts = sums.map((part) => ({ ...part, etag: '"e"' }));
    expect(
      (await ask('POST', '/api/uploads/{upload_id}/complete', { as, id: upload.upload_id, body: { parts } })).status,
    ).toBe(202);

    clock += 3_000;
    const stop = () => ask('POST', '/api/titles/{title_id}/cancel', { as, id });
    expect((await stop()).answer.state).toBe('failed');
    expect((await stop()).status).toBe(200);
    const stopped = await ask('GET', '/api/titles/{title_id}/timeline', { as: 'admin', id });
    expect(stopped.answer.steps.find(({ state }) => state === 'failed')?.reason?.error).toBe('Canceled');
    await ask('POST', '/api/titles/{title_id}/redrive', { as: 'admin', id, body: {} });

    for (let second = 0; second < 12; second += 1) {
      await ask('GET', '/api/titles/{title_id}/timeline', { as, id });
      clock += 1_000;
    }
    const published = await ask('GET', '/api/titles/{title_id}', { as, id });
    expect(published.answer.state).toBe('published');
    expect((await stop()).status).toBe(409);
    expect((await ask('DELETE', '/api/titles/{title_id}', { as, id })).status).toBe(204);
    expect((await ask('POST', '/api/titles/{title_id}/restore', { as, id })).answer.state).toBe('published');
  });

  it('for admins of titles', async () => {
    const { answer } = await ask('GET', '/api/titles', { as: 'admin', query: '?state=failed' });
    for (const title of answer.items) {
      await ask('GET', '/api/titles/{title_id}/timeline', { as: 'admin', id: title.title_id });
      await ask('POST', '/api/titles/{title_id}/redrive', { as: 'admin', id: title.title_id, body: {} });
    }
  });

  it('for admins of the recommender', async () => {
    const [as, area] = ['admin', '/api/admin/recommender'];
    const [recommender, retrain, experiments] = [`${area}/status`, `${area}/retrainings`, `${area}/experiments`];
    const stop = `${experiments}/{experiment_id}/stop`;
    expect((await ask('GET', recommender, { as: 'creator' })).status).toBe(403);
    expect((await ask('POST', retrain, { as: 'creator', body: {} })).status).toBe(403);
    const before = (await ask('GET', recommender, { as })).answer;
    expect(before.challenger).toBeDefined();

    const body = {
      name: 'More dimensions',
      design: 'interleaving',
      metric: 'watched',
      share_percent: 50,
      stop: { people: 1_000, days: 28, window_days: 7 },
    };
    const invalid = { ...body, name: ' ', stop: { ...body.stop, window_days: 28 } };
    const refused = await ask('POST', experiments, { as, body: invalid });
    expect(refused.status).toBe(422);
    expect(refused.answer.errors.map(({ pointer }) => pointer)).toEqual(['/name', '/stop/window_days']);
    const { answer: started } = await ask('POST', experiments, { as, body });
    expect((await ask('POST', experiments, { as, body })).status).toBe(409);
    expect((await ask('POST', retrain, { as, body: {} })).status).toBe(409);
    clock += 15_000;
    expect((await ask('GET', recommender, { as })).answer.experiments[0]?.results).toBeDefined();
    expect((await ask('POST', stop, { as, id: started.experiment_id })).answer.verdict).toBe('stopped');
    expect((await ask('POST', stop, { as, id: 'nope' })).status).toBe(404);

    const invalidName = { hyperparameters: { 'Half life': '30' } };
    expect((await ask('POST', retrain, { as, body: invalidName })).status).toBe(422);
    const challenger = { place: 'challenger', hyperparameters: { dimensions: '256' } };
    expect((await ask('POST', retrain, { as, body: challenger })).status).toBe(202);
    expect((await ask('GET', recommender, { as })).answer.active_run).toBeDefined();
    expect((await ask('POST', retrain, { as, body: challenger })).status).toBe(409);
    expect((await ask('POST', experiments, { as, body })).status).toBe(409);
    clock += 9_000;
    const after = (await ask('GET', recommender, { as })).answer;
    expect(after.active_run).toBeUndefined();
    expect(after.challenger?.run_id).not.toBe(before.challenger?.run_id);
  });

  // Routes that the app does not call need no mock.
  it('on every route that it has', async () => {
    for (const [route, methods] of Object.entries(openapi.paths)) {
      for (const method of Object.keys(methods).map((each) => each.toUpperCase())) {
        if (
          !['GET', 'POST', 'PATCH', 'DELETE', 'PUT'].includes(method) ||
          covered.has(`${method.toLowerCase()} ${route}`)
        ) {
          continue;
        }
        const answer = await mock.handle(
          new Request(`http://marquee${route.replace(/\{\w+\}/g, FILM)}`, {
            method,
            headers: { authorization: 'Bearer access:admin@example.com' },
          }),
        );
        expect(await answer?.json(), `${method} ${route} needs a test`).toMatchObject({
          detail: 'there is nothing at this address',
        });
      }
    }
  });
});
