import { describe, expect, it } from 'vitest';
import { WatchSession } from './watch-session';

const id = '0197a000-0000-7000-8000-000000000001';

function watching(sitting: WatchSession, from: number, to: number): void {
  for (let time = from; time <= to; time += 0.25) sitting.look(time);
}

describe('a sitting', () => {
  it('has nothing to say before something was watched', () => {
    const sitting = new WatchSession(id);
    sitting.look(0);
    expect(sitting.beat()).toBeUndefined();
    sitting.jump();
    sitting.look(300);
    expect(sitting.beat()).toBeUndefined();
  });

  it('counts what was played, not what was jumped over', () => {
    const sitting = new WatchSession(id);
    watching(sitting, 0, 10);
    sitting.jump();
    watching(sitting, 500, 505);
    expect(sitting.beat()).toEqual({ playback_id: id, position_ms: 505_000, watched_ms: 15_000, number: 1 });
  });

  it('counts what is watched twice twice', () => {
    const sitting = new WatchSession(id);
    watching(sitting, 0, 10);
    sitting.jump();
    watching(sitting, 0, 10);
    expect(sitting.beat()?.watched_ms).toBe(20_000);
  });

  it('says nothing twice', () => {
    const sitting = new WatchSession(id);
    watching(sitting, 0, 10);
    expect(sitting.beat()).toBeDefined();
    expect(sitting.beat()).toBeUndefined();
    sitting.look(10);
    expect(sitting.beat()).toBeUndefined();
  });

  it('counts its heartbeats, so that a place that was only moved to is kept', () => {
    const sitting = new WatchSession(id);
    watching(sitting, 0, 10);
    const said = [sitting.beat()];
    for (const place of [400, 20, 300]) {
      sitting.jump();
      sitting.look(place);
      said.push(sitting.beat());
    }
    watching(sitting, 300, 301);
    said.push(sitting.beat());
    expect(said.map((beat) => beat?.position_ms)).toEqual([10_000, 400_000, 20_000, 300_000, 301_000]);
    expect(said.map((beat) => beat?.watched_ms)).toEqual([10_000, 10_000, 10_000, 10_000, 11_000]);
    expect(said.map((beat) => beat?.number)).toEqual([1, 2, 3, 4, 5]);
  });
});
