import { useEffect, useState } from 'react';
import { isCanceled } from '@/api/failure';
import { toProblem } from '@/api/problem';
import type { StepState, Timeline, TimelineStep, Visibility } from '@/api/types';
import { formatMoney } from '@/format/amounts';
import { formatDateTime, formatDuration } from '@/format/time';
import { ProblemAlert, ProblemPanel } from '@/ui/problem-panel';
import { Progress } from '@/ui/progress';
import { useTimeline } from '../api';
import {
  headline,
  isSettled,
  phaseLabel,
  stepDuration,
  stepLabel,
  UNFINISHED_UPLOAD,
  waitsForTranscoder,
} from '../rules';
import { QuoteView } from './quote-view';

interface TimelineViewProps {
  titleId: string;
  visibility: Visibility;
  /** Admins also see the names of errors, which runbooks are sorted by. */
  as: 'owner' | 'admin';
  /** Whether the file is being sent here. */
  isUploadRunning?: boolean | undefined;
  /** How long the upload was paused or waiting until `now`, in ms. The upload's clock excludes this time. */
  idleTime?: (now: number) => number;
}

const notIdle = () => 0;

/** The steps of a title from upload to publication, with their progress. */
export function TimelineView({
  titleId,
  visibility,
  as,
  isUploadRunning = true,
  idleTime = notIdle,
}: TimelineViewProps) {
  const timeline = useTimeline(titleId);

  if (timeline.isPending) return <TimelineSkeleton />;
  if (!timeline.data) return <ProblemPanel problem={toProblem(timeline.error)} onRetry={() => timeline.refetch()} />;
  return (
    <div className="flex flex-col gap-6">
      {timeline.isError && <ProblemAlert problem={toProblem(timeline.error)} />}
      <Steps
        timeline={timeline.data}
        visibility={visibility}
        as={as}
        isUploadRunning={isUploadRunning}
        idleTime={idleTime}
      />
      {timeline.data.quote && <QuoteView quote={timeline.data.quote} />}
    </div>
  );
}

interface StepsProps extends Pick<TimelineViewProps, 'visibility' | 'as'> {
  timeline: Timeline;
  isUploadRunning: boolean;
  idleTime: (now: number) => number;
}

function Steps({ timeline, visibility, as, isUploadRunning, idleTime }: StepsProps) {
  const now = useNow(!isSettled(timeline));
  const currency = timeline.quote?.currency ?? 'USD';
  return (
    <section aria-label="Pipeline">
      <div className="mb-5 flex flex-wrap items-baseline justify-between gap-2">
        <p role="status" className="font-display text-xl font-bold [font-stretch:85%]">
          {headline(timeline, visibility, isUploadRunning)}
        </p>
        {timeline.attempt != null && timeline.attempt > 1 && (
          <p className="text-sm text-muted">Attempt {timeline.attempt}</p>
        )}
      </div>
      <ol>
        {timeline.steps.map((step) => (
          <StepRow
            key={step.step}
            step={step}
            isIdle={step.step === 'upload' && step.state === 'running' && !isUploadRunning}
            as={as}
            now={step.step === 'upload' ? now - idleTime(now) : now}
            currency={currency}
          />
        ))}
      </ol>
    </section>
  );
}

const dots: Record<StepState, string> = {
  waiting: 'border-2 border-surface-600 bg-surface-900',
  running: 'bg-accent-400 shadow-glow animate-blink',
  done: 'bg-accent-400',
  failed: 'bg-danger-500',
  skipped: 'bg-surface-600',
};

interface StepRowProps extends Pick<TimelineViewProps, 'as'> {
  step: TimelineStep;
  /** Whether the step waits for the person. */
  isIdle: boolean;
  now: number;
  currency: string;
}

function StepRow({ step, as, isIdle, now, currency }: StepRowProps) {
  const ms = isIdle ? undefined : stepDuration(step, now);
  const quiet = step.state === 'waiting' || step.state === 'skipped';
  const canceled = isCanceled(step.reason);
  return (
    <li className="group/step relative grid grid-cols-[1.25rem_1fr] gap-x-4 pb-6 last:pb-0">
      <span
        aria-hidden="true"
        className={`absolute top-4 bottom-[-0.35rem] left-[0.56rem] w-0.5 group-last/step:hidden ${step.state === 'done' ? 'bg-accent-400/50' : 'bg-surface-700'}`}
      />
      <span
        aria-hidden="true"
        className={`relative mt-1 ml-0.5 size-4 rounded-full ${dots[canceled ? 'skipped' : step.state]}`}
      />
      <div className="min-w-0">
        <div className="flex items-baseline justify-between gap-4">
          <p className={quiet ? 'text-muted' : 'font-semibold'}>{isIdle ? UNFINISHED_UPLOAD : stepLabel(step)}</p>
          <p className="shrink-0 text-sm text-muted tabular-nums">
            {step.cost_micros != null && step.cost_micros > 0 && `${formatMoney(step.cost_micros, currency)} · `}
            {ms !== undefined && (
              <time dateTime={step.started_at ?? ''} title={step.started_at ? formatDateTime(step.started_at) : ''}>
                {formatDuration(ms)}
              </time>
            )}
          </p>
        </div>
        {waitsForTranscoder(step) && <p className="mt-1 text-sm text-muted">Waiting in the queue.</p>}
        {step.state === 'running' && step.progress_percent != null && (
          <div className="mt-2">
            <Progress label={stepLabel(step)} percent={step.progress_percent} />
            {step.phase && <p className="mt-1 text-sm text-muted">{phaseLabel(step.phase)}</p>}
          </div>
        )}
        {step.notes && step.notes.length > 0 && (
          <ul className="mt-2 flex flex-col gap-1 rounded-2xl bg-surface-850 px-4 py-3 text-secondary">
            {step.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
        {step.reason && (
          <div
            className={`mt-2 rounded-2xl px-4 py-3 ${step.state === 'failed' && !canceled ? 'bg-danger-900 text-danger-300' : 'bg-surface-850 text-secondary'}`}
          >
            <p>{step.reason.sentence}</p>
            {as === 'admin' && !canceled && <p className="mt-1 text-xs opacity-80">{step.reason.error}</p>}
          </div>
        )}
      </div>
    </li>
  );
}

/** The current time, updated every second while something runs. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

function TimelineSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-5">
      <span className="sr-only">Loading the pipeline</span>
      <div className="skeleton h-6 w-56 rounded" />
      {[0, 1, 2, 3, 4, 5].map((row) => (
        <div key={row} className="flex items-center gap-4">
          <div className="skeleton size-4 rounded-full" />
          <div className="skeleton h-4 w-48 rounded" />
        </div>
      ))}
    </div>
  );
}
