import { Pause, Play, RotateCw } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Title } from '@/api/types';
import { formatBytes } from '@/format/amounts';
import { formatDuration } from '@/format/time';
import { Button } from '@/ui/button';
import { ProblemAlert } from '@/ui/problem-panel';
import { Progress } from '@/ui/progress';
import { rememberedForTitle } from '../remembered-uploads';
import { existingUpload } from '../rules';
import { isActive, type Transfer, type TransferControls, useTransfer } from '../store';
import { CancelUpload } from './cancel-upload';
import { PendingUpload } from './pending-upload';

interface UploadPanelProps {
  title: Pick<Title, 'title_id' | 'state' | 'upload_id'>;
  /** Called when the state of the title may have changed. */
  onChanged: () => void;
}

/** The upload of a title: running, interrupted or not started. Renders nothing when the file is uploaded. */
export function UploadPanel({ title, onChanged }: UploadPanelProps) {
  const { title_id: titleId, state } = title;
  const entry = useTransfer(titleId);
  useChange(entry?.transfer.state, onChanged);
  const takesFile = state === 'draft' || state === 'uploading' || state === 'failed';

  const start = async (file: File) => {
    const { startTransfer } = await import('../transfer');
    startTransfer(titleId, file, existingUpload(title, rememberedForTitle(titleId))?.uploadId);
  };

  if (entry && (isActive(entry.transfer) || (entry.transfer.state === 'failed' && !entry.transfer.refusedFile))) {
    return <TransferView transfer={entry.transfer} controls={entry.controls} onCanceled={onChanged} />;
  }
  // A finished upload is being processed, unless its run failed or was canceled.
  if (!takesFile || (entry?.transfer.state === 'done' && state !== 'failed')) return null;
  if (entry?.transfer.problem) {
    return (
      <div className="flex flex-col gap-4">
        <ProblemAlert problem={entry.transfer.problem} />
        <PendingUpload title={title} onChoose={start} onCanceled={onChanged} />
      </div>
    );
  }
  return <PendingUpload title={title} onChoose={start} onCanceled={onChanged} />;
}

/** Calls `onChanged` when the state of the upload changes. */
function useChange(state: Transfer['state'] | undefined, onChanged: () => void) {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    onChanged();
  }, [state, onChanged]);
}

interface TransferViewProps {
  transfer: Transfer;
  controls: TransferControls;
  onCanceled: () => void;
}

function TransferView({ transfer, controls, onCanceled }: TransferViewProps) {
  const { state, sent, total, bytesPerSecond, problem, fileName } = transfer;
  const percent = total > 0 ? Math.min(100, (sent / total) * 100) : 0;
  const left = bytesPerSecond ? timeLeft(((total - sent) / bytesPerSecond) * 1000) : undefined;

  return (
    <section
      aria-label="Upload"
      className="flex flex-col gap-4 rounded-3xl border border-surface-700 bg-surface-900 p-6"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p dir="auto" className="min-w-0 truncate font-semibold">
          {fileName}
        </p>
        <p className="text-sm text-muted tabular-nums">
          {formatBytes(sent)} of {formatBytes(total)}
          {bytesPerSecond !== undefined && ` · ${formatBytes(bytesPerSecond)}/s`}
          {left && ` · ${left} left`}
        </p>
      </div>
      <Progress label={`Upload of ${fileName}`} percent={percent} />
      {problem && state === 'failed' ? (
        <ProblemAlert problem={problem} />
      ) : (
        <p role="status" className="text-sm text-muted">
          {state === 'waiting' && problem?.kind !== 'offline' ? serviceUnavailable : statusTexts[state]}
        </p>
      )}
      <div className="flex flex-wrap gap-3">
        {state === 'sending' && (
          <Button onPress={controls.pause}>
            <Pause aria-hidden="true" className="size-4" /> Pause
          </Button>
        )}
        {state === 'paused' && (
          <Button variant="primary" onPress={controls.resume}>
            <Play aria-hidden="true" className="size-4" /> Resume
          </Button>
        )}
        {state === 'waiting' && (
          <Button onPress={controls.retry}>
            <RotateCw aria-hidden="true" className="size-4" /> Try now
          </Button>
        )}
        {state === 'failed' && (
          <Button variant="primary" onPress={controls.retry}>
            <RotateCw aria-hidden="true" className="size-4" /> Try again
          </Button>
        )}
        {state !== 'finishing' && (
          <CancelUpload
            onCancel={async () => {
              await controls.cancel();
              onCanceled();
            }}
          />
        )}
      </div>
    </section>
  );
}

const statusTexts: Record<Transfer['state'], string> = {
  preparing: 'Preparing…',
  sending: 'You can keep using Marquee, but leave this tab open.',
  paused: 'Paused. Nothing is lost.',
  waiting: 'Waiting for a connection. The upload will resume automatically.',
  finishing: 'All parts are uploaded. Assembling the file…',
  done: 'Uploaded.',
  failed: 'Stopped.',
};

const serviceUnavailable = 'Marquee is not responding. The upload will resume automatically.';

/** Rough, because speeds change. */
function timeLeft(ms: number): string {
  return ms < 10_000 ? 'a few seconds' : formatDuration(ms);
}
