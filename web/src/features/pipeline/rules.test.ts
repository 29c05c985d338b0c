import { describe, expect, it } from 'vitest';
import type { Timeline, TimelineStep } from '@/api/types';
import { failureLabel, headline, isSettled, phaseLabel, pollDelay, stateName, stepDuration, stepLabel } from './rules';

const steps = (...list: [TimelineStep['step'], TimelineStep['state']][]): TimelineStep[] =>
  list.map(([step, state]) => ({ step, state }));

const timeline = (state: Timeline['state'], list: TimelineStep[]): Timeline => ({
  title_id: 't',
  state,
  steps: list,
  redrivable: false,
});

describe('texts', () => {
  it('describe a step in its state', () => {
    expect(stepLabel({ step: 'verify', state: 'running' })).toBe('Checking playback');
    expect(stepLabel({ step: 'validate', state: 'failed' })).toBe('File check failed');
  });

  it('summarize the pipeline in a headline', () => {
    const running = timeline('processing', [
      { step: 'plan', state: 'done' },
      { step: 'transcode', state: 'running', progress_percent: 43 },
    ]);
    expect(headline(running, 'public')).toBe('Transcoding: 43%');
    expect(headline(timeline('processing', steps(['plan', 'done'])), 'public')).toBe('Waiting for the next step');
    const queued = timeline('processing', [{ step: 'transcode', state: 'running', phase: 'SUBMITTED' }]);
    expect(headline(queued, 'public')).toBe('Waiting for the transcoder');
    expect(headline(timeline('processing', steps(['transcode', 'running'])), 'public')).toBe('Transcoding');
    expect(headline(timeline('failed', []), 'public')).toBe('Something went wrong');
  });

  it('do not call a canceled run a failure', () => {
    const reason = { error: 'Canceled', sentence: 'The processing was canceled.' } as const;
    const at = '2026-03-05T12:00:00Z';
    const failure = { ...reason, step: 'transcode', at } as const;
    expect(stepLabel({ step: 'transcode', state: 'failed', reason })).toBe('Transcoding: canceled');
    expect(headline({ ...timeline('failed', []), failure }, 'public')).toBe('Canceled');
    expect(stateName({ state: 'failed', failure })).toBe('Canceled');
    expect(stateName({ state: 'failed', failure: { ...failure, error: 'TranscodeFailed' } })).toBe('Failed');
    expect(stateName({ state: 'processing' })).toBe('Processing');
    expect(failureLabel(failure)).toBe('Transcoding: canceled');
    expect(failureLabel({ ...failure, error: 'TranscodeFailed' })).toBe('Transcoding failed');
  });

  it('do not say that a file is sent when it is not', () => {
    const uploading = timeline('uploading', steps(['upload', 'running']));
    expect(headline(uploading, 'public')).toBe('Uploading');
    expect(headline(uploading, 'public', false)).toBe('Upload not finished');
    expect(stateName({ state: 'uploading' })).toBe('Uploading');
    expect(stateName({ state: 'uploading' }, false)).toBe('Upload not finished');
  });

  it('say who can watch a published title', () => {
    const published = timeline('published', []);
    expect(headline(published, 'public')).toBe('Published');
    expect(headline(published, 'unlisted')).toBe('Published: anyone with the link can watch');
    expect(headline(published, 'private')).toBe('Published: only you can watch');
  });

  it('name phases, including unknown ones', () => {
    expect(phaseLabel('TRANSCODING')).toBe('Transcoding the renditions');
    expect(phaseLabel('SOME_NEW_PHASE')).toBe('some new phase');
  });
});

describe('the duration of a step', () => {
  const started = '2026-03-05T12:00:00Z';
  const now = Date.parse('2026-03-05T12:00:09Z');

  it('grows while the step runs', () => {
    expect(stepDuration({ step: 'plan', state: 'running', started_at: started }, now)).toBe(9_000);
    const finished: TimelineStep = {
      step: 'plan',
      state: 'done',
      started_at: started,
      finished_at: '2026-03-05T12:00:02Z',
    };
    expect(stepDuration(finished, now)).toBe(2_000);
    expect(stepDuration({ step: 'plan', state: 'waiting' }, now)).toBeUndefined();
  });

  it('is never negative, whatever the clocks say', () => {
    expect(stepDuration({ step: 'plan', state: 'running', started_at: started }, now - 60_000)).toBe(0);
  });
});

describe('polling', () => {
  it('stops when nothing more will happen', () => {
    expect(isSettled(timeline('processing', steps(['plan', 'running'])))).toBe(false);
    expect(isSettled(timeline('uploading', steps(['upload', 'running'])))).toBe(false);
    expect(isSettled(timeline('published', steps(['recommend', 'waiting'])))).toBe(false);
    expect(isSettled(timeline('published', steps(['recommend', 'running'])))).toBe(false);
    expect(isSettled(timeline('published', steps(['recommend', 'done'])))).toBe(true);
    expect(isSettled(timeline('failed', steps(['plan', 'failed'])))).toBe(true);
  });

  it('slows down when nothing changes', () => {
    const delays = [0, 20_000, 600_000].map(pollDelay);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    expect(new Set(delays).size).toBe(3);
  });
});
