// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { haveSession, intercept, serveMock, signInAs } from '../../tests/dom';

/** The session module holds the access token: each test loads a fresh copy. */
async function fresh() {
  vi.resetModules();
  const [client, session, problems] = await Promise.all([import('./client'), import('./session'), import('./problem')]);
  const me = () => client.unwrap(client.api.GET('/api/me'));
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
  it('fetches one access token for requests made at the same time', async () => {
    signInAs('creator');
    const { me } = await fresh();
    const [one, two] = await Promise.all([me(), me()]);
    expect(one.display_name).toBe('Ines Okafor');
    expect(two).toEqual(one);
    expect(requests.filter((each) => each === 'POST /api/auth/refresh')).toHaveLength(1);
  });

  it('retries once with a new token after a 401', async () => {
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

  it('throws "unauthorized" when signed out', async () => {
    const { me, toProblem } = await fresh();
    const thrown = await me().catch((error: unknown) => error);
    expect(toProblem(thrown).kind).toBe('unauthorized');
    expect(requests).toEqual(['GET /api/me']);
  });
});

describe('the session', () => {
  it('expires and notifies listeners when the refresh token is refused', async () => {
    haveSession('refresh:unknown@example.com');
    const { me, isSignedIn, onSessionChange, toProblem } = await fresh();
    const changed = vi.fn();
    onSessionChange(changed);
    const thrown = await me().catch((error: unknown) => error);
    expect(toProblem(thrown).kind).toBe('unauthorized');
    expect(isSignedIn()).toBe(false);
    expect(changed).toHaveBeenCalledWith('expired');
  });

  it('survives a lost connection', async () => {
    signInAs('viewer');
    const { me, isSignedIn, toProblem } = await fresh();
    intercept(() => {
      throw new TypeError('Failed to fetch');
    });
    const thrown = await me().catch((error: unknown) => error);
    expect(toProblem(thrown).kind).toBe('offline');
    expect(isSignedIn()).toBe(true);
  });

  it('survives an unavailable service', async () => {
    signInAs('viewer');
    const { me, isSignedIn, toProblem } = await fresh();
    intercept(() => Response.json({ message: 'Service Unavailable' }, { status: 503 }));
    const thrown = await me().catch((error: unknown) => error);
    expect(toProblem(thrown).kind).toBe('unavailable');
    expect(isSignedIn()).toBe(true);
  });

  it('stores nothing that scripts can read', async () => {
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
    const locks: string[] = [];
    vi.stubGlobal('navigator', {
      locks: {
        request: (name: string, work: () => Promise<unknown>) => {
          locks.push(name);
          return work();
        },
      },
    });
    const { me } = await fresh();
    await me();
    expect(locks).toEqual(['marquee-session']);
    vi.stubGlobal('navigator', browser);
  });

  it('is revoked on the service when the user signs out', async () => {
    signInAs('viewer');
    const { endSession, isSignedIn } = await fresh();
    await endSession();
    expect(isSignedIn()).toBe(false);
    expect(requests).toEqual(['POST /api/auth/sign-out']);
  });
});
