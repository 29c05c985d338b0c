// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { haveSession, intercept, serveMock, signInAs } from '../../tests/dom';

/** The session keeps its token in the module: every test has a fresh one. */
async function fresh() {
  vi.resetModules();
  const [client, session, problems] = await Promise.all([import('./client'), import('./session'), import('./problem')]);
  const me = () => client.answer(client.api.GET('/api/me'));
  return { ...session, ...problems, me };
}

const requests: string[] = [];

beforeEach(() => {
  requests.length = 0;
  serveMock();
  intercept((request) => {
    requests.push(`${request.method} ${new URL(request.url).pathname}`);
    return undefined;
  });
});

describe('a signed request', () => {
  it('gets its access token first, once for requests at the same time', async () => {
    signInAs('creator');
    const { me } = await fresh();
    const [one, two] = await Promise.all([me(), me()]);
    expect(one.display_name).toBe('Ines Okafor');
    expect(two).toEqual(one);
    expect(requests.filter((each) => each === 'POST /api/auth/refresh')).toHaveLength(1);
  });

  it('tries once more with a new token when the service says 401', async () => {
    signInAs('creator');
    const { me } = await fresh();
    await me();
    let refusals = 1;
    intercept((request) =>
      request.url.endsWith('/api/me') && refusals-- > 0
        ? Response.json({ message: 'Unauthorized' }, { status: 401 })
        : undefined,
    );
    expect((await me()).email).toBe('creator@example.com');
    expect(requests.filter((each) => each === 'POST /api/auth/refresh')).toHaveLength(2);
  });

  it('is a problem when nobody is signed in', async () => {
    const { me, problemIn } = await fresh();
    const thrown = await me().catch((error: unknown) => error);
    expect(problemIn(thrown).kind).toBe('unauthorized');
    expect(requests).toEqual(['GET /api/me']);
  });
});

describe('the session', () => {
  it('ends, and tells so, when the refresh token is refused', async () => {
    haveSession('refresh:nobody@example.com');
    const { me, signedIn, onSessionChange, problemIn } = await fresh();
    const changed = vi.fn();
    onSessionChange(changed);
    const thrown = await me().catch((error: unknown) => error);
    expect(problemIn(thrown).kind).toBe('unauthorized');
    expect(signedIn()).toBe(false);
    expect(changed).toHaveBeenCalledWith('ended');
  });

  it('survives a lost connection', async () => {
    signInAs('viewer');
    const { me, signedIn, problemIn } = await fresh();
    intercept(() => {
      throw new TypeError('Failed to fetch');
    });
    const thrown = await me().catch((error: unknown) => error);
    expect(problemIn(thrown).kind).toBe('offline');
    expect(signedIn()).toBe(true);
  });

  it('survives a service that is down', async () => {
    signInAs('viewer');
    const { me, signedIn, problemIn } = await fresh();
    intercept(() => Response.json({ message: 'Service Unavailable' }, { status: 503 }));
    const thrown = await me().catch((error: unknown) => error);
    expect(problemIn(thrown).kind).toBe('unavailable');
    expect(signedIn()).toBe(true);
  });

  it('leaves nothing where scripts can read it', async () => {
    localStorage.setItem('marquee.refresh-token', 'from an earlier version');
    signInAs('viewer');
    const { me } = await fresh();
    await me();
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).toBe('{}');
    expect(document.cookie).toBe('marquee-signed-in=1');
  });

  it('is refreshed by one tab at a time', async () => {
    signInAs('viewer');
    const browser = navigator;
    const held: string[] = [];
    vi.stubGlobal('navigator', {
      locks: {
        request: (name: string, work: () => Promise<unknown>) => {
          held.push(name);
          return work();
        },
      },
    });
    const { me } = await fresh();
    await me();
    expect(held).toEqual(['marquee-session']);
    vi.stubGlobal('navigator', browser);
  });

  it('is revoked at the service when it ends', async () => {
    signInAs('viewer');
    const { endSession, signedIn } = await fresh();
    await endSession();
    expect(signedIn()).toBe(false);
    expect(requests).toEqual(['POST /api/auth/sign-out']);
  });
});
