import type { Quote, Timeline, Title } from '../src/api/types';

/** A pipeline run that advances with the clock. */
export interface Run {
  startedAt: number;
  fails: boolean;
}

type IngestError = NonNullable<Title['failure']>['error'];

/** Errors about the file itself: another run would fail the same way. */
export const refusals: IngestError[] = [
  'EmptyFile',
  'NotAVideo',
  'NoVideoStream',
  'Encrypted',
  'UnsupportedFormat',
  'TooShort',
  'TooLong',
  'TooLarge',
  'SizeMismatch',
  'TooManyPixels',
  'SourceMissing',
];

export const NOT_A_VIDEO = `This is ${'a text file'}, not a video. Upload the video file itself.`;

const stepDurations = {
  validate: 900,
  plan: 500,
  transcode: 7_000,
  verify: 900,
  publish: 400,
  notify: 500,
  recommend: 700,
};

/** The timeline of a title at the time `now`. */
export function timelineOf(title: Title, run: Run | undefined, now: number, iso: (at: number) => string): Timeline {
  const base = { title_id: title.title_id, ...(title.asset_id && { asset_id: title.asset_id }), attempt: 1 };
  const names = Object.keys(stepDurations) as (keyof typeof stepDurations)[];
  if (!run) {
    const failedAt = names.indexOf((title.failure?.step ?? 'none') as keyof typeof stepDurations);
    const steps = names.map((step, index): Timeline['steps'][number] => {
      const done = title.state === 'published' || index < failedAt;
      const failed = title.state === 'failed' && index === failedAt;
      const started = Date.parse(title.updated_at) + index * 1_200;
      return {
        step,
        state: failed ? 'failed' : done ? 'done' : 'waiting',
        ...((done || failed) && { started_at: iso(started), finished_at: iso(started + 1_100) }),
        ...(failed && title.failure && { reason: { error: title.failure.error, sentence: title.failure.sentence } }),
      };
    });
    const uploading = title.state === 'uploading' ? 'running' : title.state === 'draft' ? 'waiting' : 'done';
    return {
      ...base,
      state: title.state,
      steps: [{ step: 'upload', state: uploading }, ...steps],
      ...(title.failure && { failure: title.failure }),
      ...(failedAt > 1 && title.state === 'failed' && { quote: quote() }),
      redrivable: title.state === 'failed' && !(title.failure && refusals.includes(title.failure.error)),
    };
  }

  let at = run.startedAt;
  let state: Title['state'] = 'processing';
  let failure: Timeline['failure'];
  const steps = names.map((step): Timeline['steps'][number] => {
    const start = at;
    at += stepDurations[step];
    if (failure || now < start) return { step, state: 'waiting' };
    if (step === 'validate' && run.fails && now >= at) {
      const reason = { error: 'NotAVideo' as const, sentence: NOT_A_VIDEO };
      failure = { ...reason, step, at: iso(at) };
      state = 'failed';
      return { step, state: 'failed', started_at: iso(start), finished_at: iso(at), reason };
    }
    if (now >= at) {
      if (step === 'publish') state = 'published';
      const cost = step === 'transcode' ? { cost_micros: 10_350 } : {};
      return { step, state: 'done', started_at: iso(start), finished_at: iso(at), ...cost };
    }
    const percent = Math.floor(((now - start) / stepDurations[step]) * 100);
    const progress = step === 'transcode' ? { progress_percent: percent, phase: 'TRANSCODING' } : {};
    return { step, state: 'running', started_at: iso(start), ...progress };
  });
  const planned = now > run.startedAt + stepDurations.validate + stepDurations.plan;
  const uploaded = { started_at: iso(run.startedAt - 4_200), finished_at: iso(run.startedAt) };
  return {
    ...base,
    state,
    steps: [{ step: 'upload', state: 'done', ...uploaded }, ...steps],
    ...(failure && { failure }),
    ...(planned && !failure && { quote: quote() }),
    redrivable: false,
  };
}

function quote(): Quote {
  const lines = [
    ['video 1920x1080 at 24 frames/s', 4_000],
    ['video 1280x720 at 24 frames/s', 2_000],
    ['video 854x480 at 24 frames/s', 1_000],
    ['audio', 500],
  ] as const;
  return {
    amount_micros: 10_350,
    currency: 'USD',
    unverified: true,
    budget_micros: 20_000_000,
    lines: lines.map(([what, multiplier]) => ({
      what,
      minutes_milli: 333,
      multiplier_milli: multiplier,
      amount_micros: Math.round((10_350 * multiplier) / 7_500),
    })),
  };
}
