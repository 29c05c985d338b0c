import { isCanceled } from '@/api/failure';
import type { StepName, StepState, Timeline, TimelineStep, Title, TitleState, Visibility } from '@/api/types';

/** What a step does, in the words that fit its state. */
const stepLabels: Record<StepName, Record<StepState, string>> = {
  upload: {
    waiting: 'Upload the file',
    running: 'Uploading the file',
    done: 'File arrived',
    failed: 'The upload failed',
    skipped: 'File was there already',
  },
  validate: {
    waiting: 'Check the file',
    running: 'Checking the file',
    done: 'File checked',
    failed: 'The file was refused',
    skipped: 'File was checked before',
  },
  plan: {
    waiting: 'Plan the pictures and the price',
    running: 'Planning the pictures and the price',
    done: 'Planned and quoted',
    failed: 'Planning failed',
    skipped: 'Planned before',
  },
  transcode: {
    waiting: 'Transcode',
    running: 'Transcoding',
    done: 'Transcoded',
    failed: 'Transcoding failed',
    skipped: 'Transcoded before',
  },
  verify: {
    waiting: 'Prove that it plays',
    running: 'Proving that it plays',
    done: 'Proved playable',
    failed: 'It does not play as it should',
    skipped: 'Proved before',
  },
  publish: {
    waiting: 'Publish',
    running: 'Publishing',
    done: 'Published',
    failed: 'Publishing failed',
    skipped: 'Published before',
  },
  notify: {
    waiting: 'Tell subscribers',
    running: 'Telling subscribers',
    done: 'Subscribers told',
    failed: 'Subscribers were not told',
    skipped: 'Nobody to tell',
  },
  recommend: {
    waiting: 'Find similar titles',
    running: 'Finding similar titles',
    done: 'Similar titles found',
    failed: 'No similar titles this time',
    skipped: 'Similar titles not asked for',
  },
};

export function stepLabel({ step, state, reason }: Pick<TimelineStep, 'step' | 'state' | 'reason'>): string {
  const words = stepLabels[step];
  if (state === 'failed' && isCanceled(reason)) return `${words?.running ?? step}: canceled`;
  return words?.[state] ?? step;
}

/** The phases of a MediaConvert job, in words. */
const phases: Record<string, string> = {
  PROBING: 'Looking at the source',
  TRANSCODING: 'Making the renditions',
  UPLOADING: 'Storing the renditions',
};

export function phaseLabel(phase: string): string {
  return phases[phase.toUpperCase()] ?? phase.replaceAll('_', ' ').toLowerCase();
}

/** How a title's state is called where people look after titles. */
export const stateNames: Record<TitleState, string> = {
  draft: 'Draft',
  uploading: 'Uploading',
  processing: 'Processing',
  ready: 'Ready',
  published: 'Published',
  failed: 'Failed',
  archived: 'Archived',
};

/** How a title's state is called, where a run that was canceled is no failure. */
export function stateName({ state, failure }: Pick<Title, 'state' | 'failure'>): string {
  return state === 'failed' && isCanceled(failure) ? 'Canceled' : stateNames[state];
}

const publishedFor: Record<Visibility, string> = {
  public: 'Published',
  unlisted: 'Published, for everyone who has the link',
  private: 'Published, for you alone',
};

/** The one sentence above a timeline. */
export function headline(timeline: Timeline, visibility: Visibility): string {
  if (timeline.state === 'failed') return isCanceled(timeline.failure) ? 'Canceled' : 'Something went wrong';
  if (timeline.state === 'published') return publishedFor[visibility];
  if (timeline.state === 'archived') return 'Archived';
  const running = timeline.steps.find((step) => step.state === 'running');
  if (!running) return timeline.state === 'draft' ? 'Nothing uploaded yet' : 'Waiting for the next step';
  if (waitsForTranscoder(running)) return 'Waiting for the transcoder';
  const percent = running.progress_percent;
  return `${stepLabel(running)}${percent == null ? '' : `: ${percent}%`}`;
}

/** Whether the job is in the transcoder's queue: nothing of it has been done yet. */
export function waitsForTranscoder({ step, state, phase }: TimelineStep): boolean {
  return step === 'transcode' && state === 'running' && phase === 'SUBMITTED';
}

/** How long a step has taken, so far or in all. */
export function stepDuration(step: TimelineStep, now: number): number | undefined {
  if (!step.started_at) return undefined;
  const end = step.finished_at ? Date.parse(step.finished_at) : step.state === 'running' ? now : undefined;
  return end === undefined ? undefined : Math.max(0, end - Date.parse(step.started_at));
}

/** The steps that are still to come when a title is published. */
const afterPublishing: StepName[] = ['notify', 'recommend'];

/** Whether nothing more will happen by itself. */
export function isSettled(timeline: Pick<Timeline, 'state' | 'steps'>): boolean {
  if (['draft', 'failed', 'archived', 'ready'].includes(timeline.state)) return true;
  const isOpen = ({ step, state }: TimelineStep) =>
    state === 'running' || (state === 'waiting' && afterPublishing.includes(step));
  return timeline.state === 'published' && !timeline.steps.some(isOpen);
}

/** How long until the next look: the longer nothing has changed, the rarer. */
export function pollDelay(unchangedForMs: number): number {
  if (unchangedForMs < 15_000) return 1_000;
  return unchangedForMs < 90_000 ? 2_500 : 8_000;
}

/** The steps at which a failed run may be taken up again. */
export const resumableSteps = ['validate', 'plan', 'transcode', 'verify', 'publish'] as const;

export type ResumableStep = (typeof resumableSteps)[number];
