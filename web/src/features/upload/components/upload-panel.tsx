import { useQuery } from '@tanstack/react-query';
import { Pause, Play, RotateCw, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { problemIn } from '@/api/problem';
import type { TitleState } from '@/api/types';
import { Bulbs } from '@/ui/bulbs';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemNote } from '@/ui/panels';
import { Progress } from '@/ui/progress';
import { isolated } from '@/ui/user-text';
import { bytes } from '@/words/amounts';
import { took } from '@/words/time';
import { abortUpload, readUpload } from '../api';
import { forgetUploadOf, rememberedForTitle } from '../memory';
import { bytesThere, isFileOf } from '../rules';
import { dropTransfer, isUnderWay, type Transfer, type TransferControls, useTransfer } from '../store';
import { FileDrop } from './file-drop';

interface UploadPanelProps {
  titleId: string;
  state: TitleState;
  /** The title has changed its state. */
  onChanged: () => void;
}

/** The upload of a title: under way, interrupted, or yet to come. Nothing when the file is there. */
export function UploadPanel({ titleId, state, onChanged }: UploadPanelProps) {
  const entry = useTransfer(titleId);
  useChange(entry?.transfer.state, onChanged);
  const takesFile = state === 'draft' || state === 'uploading' || state === 'failed';

  const begin = async (file: File) => {
    const { startTransfer } = await import('../transfer');
    startTransfer(titleId, file);
  };

  if (entry && (isUnderWay(entry.transfer) || (entry.transfer.state === 'failed' && !entry.transfer.refusedFile))) {
    return <TransferView transfer={entry.transfer} controls={entry.controls} onCanceled={onChanged} />;
  }
  if (!takesFile || entry?.transfer.state === 'done') return null;
  if (entry?.transfer.problem) {
    return (
      <div className="flex flex-col gap-4">
        <ProblemNote problem={entry.transfer.problem} />
        <Waiting titleId={titleId} state={state} onChoose={begin} onCanceled={onChanged} />
      </div>
    );
  }
  return <Waiting titleId={titleId} state={state} onChoose={begin} onCanceled={onChanged} />;
}

/** An upload that begins, ends or is canceled moves its title on. */
function useChange(state: Transfer['state'] | undefined, onChanged: () => void) {
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    onChanged();
  }, [state, onChanged]);
}

interface WaitingProps {
  titleId: string;
  state: TitleState;
  onChoose: (file: File) => void;
  onCanceled: () => void;
}

function Waiting({ titleId, state, onChoose, onCanceled }: WaitingProps) {
  const known = rememberedForTitle(titleId);
  const upload = useQuery({
    queryKey: ['upload', known?.uploadId],
    queryFn: () => readUpload(known?.uploadId ?? ''),
    enabled: known !== undefined && state === 'uploading',
    retry: false,
  });

  if (upload.isLoading) return <Bulbs label="Looking for the upload" />;
  if (!known || upload.data?.state !== 'open') return <FileDrop onChoose={onChoose} prompt={prompts[state]} />;

  const begun = { fileName: known.fileName, size_bytes: upload.data.size_bytes };
  const percent = Math.floor((bytesThere(upload.data) / upload.data.size_bytes) * 100);
  const cancel = async () => {
    await abortUpload(known.uploadId);
    forgetUploadOf(titleId);
    dropTransfer(titleId);
    onCanceled();
  };
  return (
    <section aria-label="Upload" className="flex flex-col gap-4">
      <p>
        <bdi className="font-bold">{known.fileName}</bdi> was interrupted at {percent}%. Choose the same file to resume.
      </p>
      <FileDrop
        onChoose={onChoose}
        prompt={`Drop ${isolated(known.fileName)} here`}
        refusal={(file) => (isFileOf(begun, file) ? undefined : otherFile)}
      />
      <div>
        <CancelButton onCancel={cancel} />
      </div>
    </section>
  );
}

const prompts: Partial<Record<TitleState, string>> = {
  uploading: 'An upload was started elsewhere. Drop the film here to start over',
  failed: 'Drop another file here to try again',
};

const otherFile =
  'This is not the file whose upload was interrupted. Choose that one, or cancel the upload to start with another.';

interface TransferViewProps {
  transfer: Transfer;
  controls: TransferControls;
  onCanceled: () => void;
}

function TransferView({ transfer, controls, onCanceled }: TransferViewProps) {
  const { state, sent, total, bytesPerSecond, problem, fileName } = transfer;
  const percent = total > 0 ? Math.min(100, (sent / total) * 100) : 0;
  const left = bytesPerSecond ? took(((total - sent) / bytesPerSecond) * 1000) : undefined;

  return (
    <section aria-label="Upload" className="flex flex-col gap-4 rounded-3xl border border-ink-700 bg-ink-900 p-6">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <p dir="auto" className="min-w-0 truncate font-semibold">
          {fileName}
        </p>
        <p className="text-sm text-ink-400 tabular-nums">
          {bytes(sent)} of {bytes(total)}
          {bytesPerSecond !== undefined && ` · ${bytes(bytesPerSecond)}/s`}
          {left && ` · ${left} left`}
        </p>
      </div>
      <Progress label={`Upload of ${fileName}`} percent={percent} />
      {problem && state === 'failed' ? (
        <ProblemNote problem={problem} />
      ) : (
        <p role="status" className="text-sm text-ink-400">
          {state === 'waiting' && problem?.kind !== 'offline' ? serviceAway : stateSays[state]}
        </p>
      )}
      <div className="flex flex-wrap gap-3">
        {state === 'sending' && (
          <Button onPress={controls.pause}>
            <Pause aria-hidden="true" className="size-4" /> Pause
          </Button>
        )}
        {state === 'paused' && (
          <Button look="primary" onPress={controls.resume}>
            <Play aria-hidden="true" className="size-4" /> Resume
          </Button>
        )}
        {state === 'waiting' && (
          <Button onPress={controls.retry}>
            <RotateCw aria-hidden="true" className="size-4" /> Try now
          </Button>
        )}
        {state === 'failed' && (
          <Button look="primary" onPress={controls.retry}>
            <RotateCw aria-hidden="true" className="size-4" /> Try again
          </Button>
        )}
        {state !== 'finishing' && (
          <CancelButton
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

const stateSays: Record<Transfer['state'], string> = {
  preparing: 'Getting ready…',
  sending: 'You can keep using Marquee; just leave this tab open.',
  paused: 'Paused. Nothing is lost.',
  waiting: 'Waiting for the connection. The upload continues by itself.',
  finishing: 'All parts have arrived. Putting them together…',
  done: 'Uploaded.',
  failed: 'Stopped.',
};

const serviceAway = 'The service does not answer right now. The upload continues by itself.';

function CancelButton({ onCancel }: { onCancel: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const confirm = () => onCancel().catch(setProblem);
  return (
    <>
      <Button look="ghost" onPress={() => setAsking(true)}>
        <X aria-hidden="true" className="size-4" /> Cancel upload
      </Button>
      <Dialog role="alertdialog" title="Cancel the upload?" isOpen={asking} onClose={() => setAsking(false)}>
        <p className="text-ink-300">What has been sent so far is thrown away. The title stays as a draft.</p>
        {problem !== undefined && <ProblemNote problem={problemIn(problem)} />}
        <div className="flex justify-end gap-3">
          <Button onPress={() => setAsking(false)}>Keep uploading</Button>
          <Button look="danger" onPress={confirm}>
            Cancel the upload
          </Button>
        </div>
      </Dialog>
    </>
  );
}
