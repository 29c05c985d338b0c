import { isCanceled } from '@/api/failure';
import type { Failure, StepName, StepState, Timeline, TimelineStep, Title, TitleState, Visibility } from '@/api/types';

/** The label of a step in each state. */
const stepLabels: Record<StepName, Record<StepState, string>> = {
  upload: {
    waiting: 'Upload the file',
    running: 'Uploading',
    done: 'File uploaded',
    failed: 'Upload failed',
    skipped: 'File already uploaded',
  },
  validate: {
    waiting: 'Check the file',
    running: 'Checking the file',
    done: 'File checked',
    failed: 'File check failed',
    skipped: 'File already checked',
  },
  plan: {
    waiting: 'Plan and price the renditions',
    running: 'Planning and pricing the renditions',
    done: 'Renditions planned and priced',
    failed: 'Planning failed',
    skipped: 'Already planned',
  },
  transcode: {
    waiting: 'Transcode',
    running: 'Transcoding',
    done: 'Transcoded',
    failed: 'Transcoding failed',
    skipped: 'Already transcoded',
  },
  verify: {
    waiting: 'Check playback',
    running: 'Checking playback',
    done: 'Playback checked',
    failed: 'Playback check failed',
    skipped: 'Playback already checked',
  },
  publish: {
    waiting: 'Publish',
    running: 'Publishing',
    done: 'Published',
    failed: 'Publishing failed',
    skipped: 'Already published',
  },
  notify: {
    waiting: 'Send notifications',
    running: 'Sending notifications',
    done: 'Notifications sent',
    failed: 'Sending notifications failed',
    skipped: 'No one to notify',
  },
  recommend: {
    waiting: 'Find similar titles',
    running: 'Finding similar titles',
    done: 'Similar titles found',
    failed: 'Finding similar titles failed',
    skipped: 'Similar titles not requested',
  },
};

export function stepLabel({ step, state, reason }: Pick<TimelineStep, 'step' | 'state' | 'reason'>): string {
  const labels = stepLabels[step];
  if (state === 'failed' && isCanceled(reason)) return `${labels?.running ?? step}: canceled`;
  return labels?.[state] ?? step;
}

/** What failed, or was canceled: the step, in words. */
export function failureLabel(failure: Failure): string {
  return stepLabel({ step: failure.step, state: 'failed', reason: failure });
}

/** The label of a MediaConvert phase. */
const phases: Record<string, string> = {
  PROBING: 'Reading the source',
  TRANSCODING: 'Transcoding the renditions',
  UPLOADING: 'Saving the renditions',
};

export function phaseLabel(phase: string): string {
  return phases[phase.toUpperCase()] ?? phase.replaceAll('_', ' ').toLowerCase();
}

/** The names of title states in the studio and for admins. */
export const stateNames: Record<TitleState, string> = {
  draft: 'Draft',
  uploading: 'Uploading',
  processing: 'Processing',
  ready: 'Ready',
  published: 'Published',
  failed: 'Failed',
  archived: 'Archived',
};

/** The name of the state of a title whose upload is not running here: it is paused, interrupted, or runs in another browser. */
export const UNFINISHED_UPLOAD = 'Upload not finished';

/** The name of a title's state. A canceled run is not shown as a failure. */
export function stateName({ state, failure }: Pick<Title, 'state' | 'failure'>, isUploadRunning = true): string {
  if (state === 'uploading' && !isUploadRunning) return UNFINISHED_UPLOAD;
  return state === 'failed' && isCanceled(failure) ? 'Canceled' : stateNames[state];
}

const publishedFor: Record<Visibility, string> = {
  public: 'Published',
  unlisted: 'Published: anyone with the link can watch',
  private: 'Published: only you can watch',
};

/** The headline of a timeline. */
export function headline(timeline: Timeline, visibility: Visibility, isUploadRunning = true): string {
  if (timeline.state === 'uploading' && !isUploadRunning) return UNFINISHED_UPLOAD;
  if (timeline.state === 'failed') return isCanceled(timeline.failure) ? 'Canceled' : failureHeadline(timeline);
  if (timeline.state === 'published') return publishedFor[visibility];
  if (timeline.state === 'archived') return 'Archived';
  const running = timeline.steps.find((step) => step.state === 'running');
  if (!running) return timeline.state === 'draft' ? 'No file uploaded yet' : 'Waiting for the next step';
  if (waitsForTranscoder(running)) return 'Waiting for the transcoder';
  const percent = running.progress_percent;
  return `${stepLabel(running)}${percent == null ? '' : `: ${percent}%`}`;
}

function failureHeadline({ steps }: Timeline): string {
  const failed = steps.find(({ state }) => state === 'failed');
  return failed ? stepLabel(failed) : 'Something went wrong';
}

/** Whether the job is still in the transcoder's queue. */
export function waitsForTranscoder({ step, state, phase }: TimelineStep): boolean {
  return step === 'transcode' && state === 'running' && phase === 'SUBMITTED';
}

/** How long a step has run or took, in ms. */
export function stepDuration(step: TimelineStep, now: number): number | undefined {
  if (!step.started_at) return undefined;
  const end = step.finished_at ? Date.parse(step.finished_at) : step.state === 'running' ? now : undefined;
  return end === undefined ? undefined : Math.max(0, end - Date.parse(step.started_at));
}

/** The steps that may still run after a title is published. */
const afterPublishing: StepName[] = ['notify', 'recommend'];

/** Whether nothing more will happen without a user. */
export function isSettled(timeline: Pick<Timeline, 'state' | 'steps'>): boolean {
  if (['draft', 'failed', 'archived', 'ready'].includes(timeline.state)) return true;
  const isOpen = ({ step, state }: TimelineStep) =>
    state === 'running' || (state === 'waiting' && afterPublishing.includes(step));
  return timeline.state === 'published' && !timeline.steps.some(isOpen);
}

/** The time until the next poll, in ms: longer the longer nothing has changed. */
export function pollDelay(unchangedForMs: number): number {
  if (unchangedForMs < 15_000) return 1_000;
  return unchangedForMs < 90_000 ? 2_500 : 8_000;
}

/** The steps from which a failed run can be restarted. */
export const resumableSteps = ['validate', 'plan', 'transcode', 'verify', 'publish'] as const;

export type ResumableStep = (typeof resumableSteps)[number];
