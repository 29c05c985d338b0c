/**
 * A mock of the service for development and tests. It follows `openapi.json` and keeps everything in memory. The
 * end-to-end tests in `e2e/` cover the real service.
 */
import type { Me, Playback, Title, Upload } from '../src/api/types';
import { passwordWeakness } from '../src/features/session/password.ts';
import { createEngagements } from './engagement.ts';
import { createPeople } from './people.ts';
import { NOT_A_VIDEO, type Run, timelineOf } from './pipeline.ts';
import { createRecommender } from './recommender.ts';
import { invalidFields, json, problem } from './responses.ts';
import { genres, idOf, seedTitles } from './seed.ts';
import { still } from './stills.ts';

interface Account extends Me {
  password: string;
}

export interface MockOptions {
  now?: () => number;
  /** How long a renewable media token is valid. */
  tokenSeconds?: number;
  /** Reads a file of the film that every title plays; undefined if there is none. */
  film?: (path: string) => Promise<Uint8Array | undefined>;
}

/** The password of all initial accounts. */
export const PASSWORD = 'correct horse 1';

const NOT_THE_CODE = 'is not the code that was mailed last, or has expired: check it, or ask for another one';
const PART_SIZE = 8 * 1024 * 1024;

const CANCELED = 'The processing was canceled. Upload another file, or delete the title.';

function withoutUpload({ upload_id: _, ...title }: Title): Title {
  return title;
}

function invalid(pointer: string, detail: string): Response {
  return invalidFields([{ pointer, detail }]);
}

export function createMock({ now = Date.now, tokenSeconds = 600, film }: MockOptions = {}) {
  let counter = 10_000;
  const newId = () => idOf(counter++);
  const titles = new Map<string, Title>(seedTitles(now()).map((title) => [title.title_id, title]));
  const accounts = new Map<string, Account>();
  /** The latest code sent to each email address. */
  const codes = new Map<string, string>();
  const uploads = new Map<string, Upload>();
  const runs = new Map<string, Run>();
  const textUploads = new Set<string>();
  const mail: { To: string[]; BodyText: string }[] = [];

  const iso = (at = now()) => new Date(at).toISOString();
  const engagements = createEngagements(() => iso());
  const recommender = createRecommender({ now, newId });
  const people = createPeople({ people: () => [...accounts.values()], now, newId });

  function addAccount(email: string, name: string, roles: Me['roles'], password = PASSWORD) {
    const account = {
      account_id: newId(),
      creator_id: newId(),
      email,
      display_name: name,
      roles,
      created_at: iso(),
      password,
    };
    accounts.set(email, account);
    return account;
  }

  const creator = addAccount('creator@example.com', 'Ines Okafor', ['creator']);
  addAccount('viewer@example.com', 'Wes Tanaka', []);
  addAccount('admin@example.com', 'Ada Admin', ['admin']);
  const owner = { creator_id: creator.creator_id, display_name: creator.display_name };
  for (const title of [...titles.values()].slice(0, 2)) titles.set(title.title_id, { ...title, owner });
  addTitle('Interrupted at Sea', 'failed', {
    failure: {
      error: 'TranscodeInterrupted',
      sentence:
        'Transcoding was interrupted. Admins see failed titles and can run this one again. You can also upload another file.',
      step: 'transcode',
      at: iso(now() - 3_600_000),
    },
  });
  addTitle('holiday-notes.txt', 'failed', {
    failure: {
      error: 'NotAVideo',
      sentence: NOT_A_VIDEO,
      step: 'validate',
      at: iso(now() - 7_200_000),
    },
  });
  addTitle('Half an Idea', 'draft', {});
  runs.set(addTitle('Tomorrow’s Premiere', 'processing', {}).title_id, { startedAt: now() - 2_000, fails: false });

  function addTitle(name: string, state: Title['state'], more: Partial<Title>): Title {
    const title: Title = {
      title_id: newId(),
      name,
      description: '',
      genres: [],
      visibility: 'public',
      state,
      owner,
      renditions: [],
      created_at: iso(),
      updated_at: iso(),
      version: 1,
      ...(state !== 'draft' && { asset_id: newId() }),
      ...more,
    };
    titles.set(title.title_id, title);
    return title;
  }

  /** Updates a title to the current state of its run. */
  function advanced(title: Title): Title {
    const run = runs.get(title.title_id);
    if (!run || title.state !== 'processing') return title;
    const timeline = timelineOf(title, run, now(), iso);
    if (timeline.state === 'processing') return title;
    const next: Title = {
      ...title,
      state: timeline.state,
      updated_at: iso(),
      ...(timeline.failure && { failure: timeline.failure }),
      ...(timeline.state === 'published' && {
        published_at: iso(),
        poster_url: `/images/${title.title_id}/still.svg`,
        duration_ms: 60_000,
        renditions: seedTitles(now())[0]?.renditions ?? [],
      }),
    };
    titles.set(title.title_id, next);
    return next;
  }

  async function handle(request: Request): Promise<Response | undefined> {
    const url = new URL(request.url);
    const path = url.pathname;
    const [, first, second, third, fourth] = path.split('/');

    if (path === '/_ministack/ses/messages') return json({ messages: { mock: mail } });
    if (first === 'images' && second)
      return new Response(still(second), { headers: { 'content-type': 'image/svg+xml' } });
    if (first === 'media' && second) return media(second, path.split('/').slice(5).join('/'));
    if (first === 'mock-bucket' && second && third) return putPart(second, Number(third), request);
    if (first !== 'api') return undefined;

    const text = await request.text();
    const body = text ? (JSON.parse(text) as Record<string, never>) : {};
    if (second === 'auth') return auth(third ?? '', body, request.headers.get('cookie') ?? '');

    const me = accounts.get(request.headers.get('authorization')?.replace('Bearer access:', '') ?? '');
    if (!me) return json({ message: 'Unauthorized' }, 401);
    if (second === 'admin') {
      if (!me.roles.includes('admin')) return problem('forbidden', 'only admins of this installation may do this');
      const response = recommender.handle(request.method, path, body, me.account_id);
      return (
        response ??
        people.handle(request.method, path, url.searchParams, me.account_id) ??
        problem('not-found', 'there is nothing at this address')
      );
    }
    if (second === 'me' && third) {
      return meRoutes({ route: `${request.method} ${path}`, id: '', me, body, query: url.searchParams });
    }
    const route = `${request.method} ${second}${third ? '/:id' : ''}${fourth ? `/${fourth}` : ''}`;
    return routes({ route, id: third ?? '', me, body, query: url.searchParams });
  }

  function auth(action: string, body: Record<string, string>, cookies: string): Response {
    const email = (body.email ?? '').toLowerCase();
    const account = accounts.get(email);
    switch (action) {
      case 'sign-up':
      case 'resend-code':
      case 'forgot-password':
        // The response is the same whether or not the address has an account.
        if (account || action === 'sign-up' || codes.has(email)) mailCode(email);
        return json({}, 202);
      case 'confirm': {
        const weak = passwordWeakness(body.password ?? '', { email, name: body.display_name ?? '' });
        if (weak) return invalid('/password', weak);
        if (!codeMatches(email, body.code)) return invalid('/code', NOT_THE_CODE);
        if (account) account.password = body.password ?? '';
        else addAccount(email, body.display_name ?? '', body.role === 'creator' ? ['creator'] : [], body.password);
        return new Response(null, { status: 204 });
      }
      case 'reset-password': {
        const weak = passwordWeakness(body.password ?? '', { email });
        if (weak) return invalid('/password', weak);
        if (!codeMatches(email, body.code)) return invalid('/code', NOT_THE_CODE);
        if (account) account.password = body.password ?? '';
        else addAccount(email, 'New member', [], body.password);
        return new Response(null, { status: 204 });
      }
      case 'sign-in':
        if (!account || account.password !== body.password) {
          return problem(
            'unauthorized',
            'the address or the password is wrong, or the account is not confirmed or was disabled by an admin',
          );
        }
        return session(email, body.session === 'cookie');
      case 'refresh': {
        const inCookie = body.refresh_token === undefined;
        const token = body.refresh_token ?? /marquee-session=([^;]*)/.exec(cookies)?.[1] ?? '';
        const known = accounts.get(decodeURIComponent(token).replace('refresh:', ''));
        return known
          ? session(known.email, inCookie)
          : problem('unauthorized', 'this session has ended: sign in again');
      }
      case 'sign-out':
        return new Response(null, { status: 204, headers: { 'set-cookie': cookie('', 0) } });
      default:
        return problem('not-found', 'there is nothing at this address');
    }
  }

  function session(email: string, inCookie: boolean): Response {
    const access = { access_token: `access:${email}`, token_type: 'Bearer', expires_in: 900 };
    const token = `refresh:${email}`;
    if (!inCookie) return json({ ...access, refresh_token: token });
    const response = json(access);
    response.headers.append('set-cookie', cookie(encodeURIComponent(token), 2_592_000));
    return response;
  }

  function cookie(token: string, seconds: number): string {
    return `marquee-session=${token}; Max-Age=${seconds}; Path=/api/auth; HttpOnly; SameSite=Strict`;
  }

  function mailCode(email: string): void {
    const code = String(100_000 + (counter++ % 900_000));
    codes.set(email, code);
    mail.push({ To: [email], BodyText: `Your Marquee code is ${code}.` });
  }

  /** A code works once. */
  function codeMatches(email: string, code: string | undefined): boolean {
    return codes.get(email) === code && codes.delete(email);
  }

  interface Call {
    route: string;
    id: string;
    me: Account;
    // biome-ignore lint/suspicious/noExplicitAny: bodies of many shapes, in a mock
    body: any;
    query: URLSearchParams;
  }

  function routes({ route, id, me, body, query }: Call): Response {
    if (route === 'GET me') {
      const { password: _, ...view } = me;
      return json(view);
    }
    if (route === 'GET titles') return listTitles(me, query);
    if (route === 'GET genres') return json({ items: genres });
    if (route === 'POST titles') {
      if (!me.roles.includes('creator'))
        return problem(
          'forbidden',
          'only creators may do this: choose "Start publishing" in the account menu to become one',
        );
      if (body.name.trim() === '') return invalid('/name', 'must not be empty');
      const mine = { creator_id: me.creator_id, display_name: me.display_name };
      return json(addTitle(body.name, 'draft', { ...body, owner: mine }), 201);
    }
    if (route.includes(' uploads/')) return uploadRoutes(route, id, body);

    const found = titles.get(id);
    const title = found && advanced(found);
    if (!title) return problem('not-found', 'there is no such title, or you have no access to it');
    switch (route) {
      case 'GET titles/:id':
        return json(title);
      case 'PATCH titles/:id': {
        const { version, ...changes } = body;
        if (version !== title.version)
          return problem('conflict', `this title is at version ${title.version} by now: read it again`);
        return json(put({ ...title, ...changes, version: title.version + 1, updated_at: iso() }));
      }
      case 'DELETE titles/:id':
        if (title.published_at) {
          put({ ...title, state: 'archived', updated_at: iso(), restorable_until: iso(now() + 7 * 86_400_000) });
        } else titles.delete(id);
        return new Response(null, { status: 204 });
      case 'POST titles/:id/restore': {
        const { restorable_until: _, ...rest } = title;
        return json(put({ ...rest, state: 'published', updated_at: iso() }));
      }
      case 'POST titles/:id/uploads': {
        const upload: Upload = {
          upload_id: newId(),
          title_id: id,
          asset_id: newId(),
          state: 'open',
          size_bytes: body.size_bytes,
          content_type: body.content_type,
          part_size: PART_SIZE,
          part_count: Math.ceil(body.size_bytes / PART_SIZE),
          parts: [],
          expires_at: iso(now() + 86_400_000),
          created_at: iso(),
        };
        uploads.set(upload.upload_id, upload);
        const { failure: _, ...rest } = title;
        put({
          ...rest,
          state: 'uploading',
          asset_id: upload.asset_id,
          upload_id: upload.upload_id,
          updated_at: iso(),
        });
        return json(upload, 201);
      }
      case 'GET titles/:id/timeline':
        return json(timelineOf(title, runs.get(id), now(), iso));
      case 'POST titles/:id/redrive': {
        if (!timelineOf(title, undefined, now(), iso).redrivable)
          return problem('conflict', 'a new run cannot publish this file: upload another one');
        const { failure: _, ...rest } = title;
        runs.set(id, { startedAt: now(), fails: false });
        return json(timelineOf(put({ ...rest, state: 'processing' }), runs.get(id), now(), iso), 202);
      }
      case 'POST titles/:id/cancel':
        return cancel(title);
      case 'POST titles/:id/playback':
        return json(playbackOf(title, body.renewable), 201);
      case 'GET titles/:id/similar':
        return json({ items: similarTo(title) });
      case 'GET titles/:id/engagement':
        return json(engagements.get(me.account_id, id));
      case 'PUT titles/:id/progress':
        engagements.recordProgress(me.account_id, title, body);
        return new Response(null, { status: 204 });
      case 'PUT titles/:id/like':
      case 'DELETE titles/:id/like':
        engagements.change(me.account_id, id, { liked: route.startsWith('PUT') });
        return new Response(null, { status: 204 });
      default:
        return problem('not-found', 'there is nothing at this address');
    }
  }

  function cancel(title: Title): Response {
    if (title.failure?.error === 'Canceled') return json(title);
    if (title.state !== 'processing') {
      const advice = 'only processing can be canceled; an upload in progress can be aborted';
      return problem('conflict', `a title that is ${title.state} cannot ${'be canceled'}; ${advice}`);
    }
    const running = timelineOf(title, runs.get(title.title_id), now(), iso).steps.find(
      ({ state }) => state === 'running',
    );
    runs.delete(title.title_id);
    const failure: Title['failure'] = {
      error: 'Canceled',
      sentence: CANCELED,
      step: running?.step ?? 'transcode',
      at: iso(),
    };
    return json(put({ ...title, state: 'failed', failure, updated_at: iso() }));
  }

  function meRoutes({ route, me, body }: Call): Response {
    const published = [...titles.values()].filter(
      ({ state, visibility }) => `${state} ${visibility}` === 'published public',
    );
    const home = engagements.home(me.account_id, published);
    switch (route) {
      case 'PUT /api/me/password': {
        const weak = passwordWeakness(body.new_password, { email: me.email, name: me.display_name });
        if (weak) return invalid('/new_password', weak);
        if (body.current_password !== me.password) return invalid('/current_password', 'is not your password');
        me.password = body.new_password;
        return new Response(null, { status: 204 });
      }
      case 'POST /api/me/creator-request':
        // The mock lets an admin decide, so that both sides can be tested.
        if (!me.roles.includes('creator')) me.creator_request = 'pending';
        return json({ state: me.creator_request ?? 'approved', asked_at: iso() });
      case 'POST /api/me/sign-out-everywhere':
        return new Response(null, { status: 204 });
      case 'GET /api/me/home':
        return json(home);
      case 'GET /api/me/recommendations': {
        const items = home.rows.filter(({ kind }) => kind !== 'continue_watching').flatMap((row) => row.items);
        return json({ kind: 'personal', heading: 'For you', items: items.slice(0, 20), source: home.source });
      }
      case 'POST /api/me/recommendations/feedback':
        if (!titles.has(body.title_id))
          return problem('not-found', 'there is no such title, or you have no access to it');
        engagements.giveFeedback(me.account_id, body.title_id, body.feedback);
        return new Response(null, { status: 204 });
      default:
        return problem('not-found', 'there is nothing at this address');
    }
  }

  function put(title: Title): Title {
    titles.set(title.title_id, title);
    return title;
  }

  function listTitles(me: Account, query: URLSearchParams): Response {
    const limit = Number(query.get('limit') ?? 20);
    const from = Number(query.get('cursor') ?? 0);
    const genre = query.get('genre');
    const state = query.get('state');
    if (state && !query.get('owner') && !me.roles.includes('admin'))
      return problem('forbidden', 'only admins of this installation may do this');
    const all = [...titles.values()]
      .map(advanced)
      .filter((title) => {
        if (query.get('owner') === 'me') return title.owner.creator_id === me.creator_id;
        if (state) return title.state === state;
        return title.state === 'published' && title.visibility === 'public';
      })
      .filter((title) => !genre || title.genres.includes(genre))
      .sort((a, b) => (b.published_at ?? b.created_at).localeCompare(a.published_at ?? a.created_at));
    const next = from + limit < all.length ? { next_cursor: String(from + limit) } : {};
    return json({ items: all.slice(from, from + limit), ...next });
  }

  function similarTo(title: Title) {
    return [...titles.values()]
      .filter((other) => other.title_id !== title.title_id && other.state === 'published')
      .map((other) => ({ other, shared: other.genres.filter((genre) => title.genres.includes(genre)) }))
      .filter(({ shared }) => shared.length > 0)
      .slice(0, 10)
      .map(({ other, shared }) => ({ title: other, reason: `Also ${shared.join(' and ').replaceAll('-', ' ')}` }));
  }

  function uploadRoutes(
    route: string,
    id: string,
    body: { parts: { part_number: number; checksum_sha256: string }[] },
  ) {
    const upload = uploads.get(id);
    if (!upload) return problem('not-found', 'there is no such upload, or it is not yours');
    switch (route) {
      case 'GET uploads/:id':
        return json(upload);
      case 'DELETE uploads/:id': {
        uploads.set(id, { ...upload, state: 'aborted' });
        const title = titles.get(upload.title_id);
        if (title) put({ ...withoutUpload(title), state: 'draft' });
        return new Response(null, { status: 204 });
      }
      case 'POST uploads/:id/parts':
        return json({
          parts: body.parts.map((part) => ({
            part_number: part.part_number,
            url: `/mock-bucket/${id}/${part.part_number}`,
            headers: { 'x-amz-checksum-sha256': part.checksum_sha256 },
            expires_at: iso(now() + 3_600_000),
          })),
        });
      default: {
        if (body.parts.length !== upload.part_count)
          return problem('conflict', 'the parts are gone: begin another upload');
        uploads.set(id, { ...upload, state: 'uploaded' });
        const title = titles.get(upload.title_id);
        if (title) {
          put({ ...withoutUpload(title), state: 'processing' });
          runs.set(title.title_id, { startedAt: now(), fails: textUploads.has(title.title_id) });
        }
        return json({ ...upload, state: 'completing' }, 202);
      }
    }
  }

  async function putPart(id: string, number: number, request: Request): Promise<Response> {
    const upload = uploads.get(id);
    const sum = request.headers.get('x-amz-checksum-sha256');
    if (!upload || !sum) return new Response('<Error/>', { status: 400 });
    const content = new Uint8Array(await request.arrayBuffer());
    if (number === 1 && new TextDecoder().decode(content.subarray(0, 5)) === 'words') textUploads.add(upload.title_id);
    const size = content.byteLength;
    const part = { part_number: number, size_bytes: size, etag: `"${id}-${number}"`, checksum_sha256: sum };
    const others = (uploads.get(id) ?? upload).parts.filter((each) => each.part_number !== number);
    uploads.set(id, { ...upload, parts: [...others, part].sort((a, b) => a.part_number - b.part_number) });
    return new Response(null, { headers: { etag: part.etag } });
  }

  function playbackOf(title: Title, renewable: boolean): Playback {
    const seconds = renewable ? tokenSeconds : 7_200;
    const ends = now() + seconds * 1000;
    const token = `k0.${Math.floor(ends / 1000)}.00000000000000aa.${counter++}.sig`;
    return {
      playback_id: newId(),
      manifest_url: `/media/${token}/${title.asset_id}/1/hls/master.m3u8`,
      expires_at: iso(ends),
      ...(renewable && { renew_after: iso(now() + seconds * 700) }),
      ...(title.poster_url && { poster_url: title.poster_url }),
    };
  }

  async function media(token: string, path: string): Promise<Response> {
    if (Number(token.split('.')[1]) * 1000 < now()) return new Response('the token has expired', { status: 403 });
    const content = await film?.(path);
    if (!content) return new Response('no such file', { status: 404 });
    const type = path.endsWith('.m3u8') ? 'application/vnd.apple.mpegurl' : 'video/mp4';
    return new Response(content as Uint8Array<ArrayBuffer>, { headers: { 'content-type': type } });
  }

  return { handle };
}
