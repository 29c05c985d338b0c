import { describe, expect, it } from 'vitest';
import { WatchSession } from './watch-session';

const id = '0197a000-0000-7000-8000-000000000001';

function watch(session: WatchSession, from: number, to: number): void {
  for (let time = from; time <= to; time += 0.25) session.sample(time);
}

describe('a watch session', () => {
  it('reports nothing before something was watched', () => {
    const session = new WatchSession(id);
    session.sample(0);
    expect(session.nextHeartbeat()).toBeUndefined();
    session.seek();
    session.sample(300);
    expect(session.nextHeartbeat()).toBeUndefined();
  });

  it('counts what was played, not what was skipped', () => {
    const session = new WatchSession(id);
    watch(session, 0, 10);
    session.seek();
    watch(session, 500, 505);
    expect(session.nextHeartbeat()).toEqual({ playback_id: id, position_ms: 505_000, watched_ms: 15_000, number: 1 });
  });

  it('counts rewatched parts again', () => {
    const session = new WatchSession(id);
    watch(session, 0, 10);
    session.seek();
    watch(session, 0, 10);
    expect(session.nextHeartbeat()?.watched_ms).toBe(20_000);
  });

  it('does not report the same progress twice', () => {
    const session = new WatchSession(id);
    watch(session, 0, 10);
    expect(session.nextHeartbeat()).toBeDefined();
    expect(session.nextHeartbeat()).toBeUndefined();
    session.sample(10);
    expect(session.nextHeartbeat()).toBeUndefined();
  });

  it('numbers its heartbeats, so that a mere seek is also saved', () => {
    const session = new WatchSession(id);
    watch(session, 0, 10);
    const heartbeats = [session.nextHeartbeat()];
    for (const position of [400, 20, 300]) {
      session.seek();
      session.sample(position);
      heartbeats.push(session.nextHeartbeat());
    }
    watch(session, 300, 301);
    heartbeats.push(session.nextHeartbeat());
    expect(heartbeats.map((heartbeat) => heartbeat?.position_ms)).toEqual([10_000, 400_000, 20_000, 300_000, 301_000]);
    expect(heartbeats.map((heartbeat) => heartbeat?.watched_ms)).toEqual([10_000, 10_000, 10_000, 10_000, 11_000]);
    expect(heartbeats.map((heartbeat) => heartbeat?.number)).toEqual([1, 2, 3, 4, 5]);
  });
});
