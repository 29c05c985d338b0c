import { useQuery } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import type { Title, TitleState, Upload } from '@/api/types';
import { formatBytes } from '@/format/amounts';
import { ProblemPanel } from '@/ui/problem-panel';
import { Spinner } from '@/ui/spinner';
import { isolate } from '@/ui/user-text';
import { abortUpload, readUpload } from '../api';
import { forgetUpload, rememberedForTitle } from '../remembered-uploads';
import { type ExistingUpload, existingUpload, isComplete, matchesFile, uploadedBytes } from '../rules';
import { dropTransfer } from '../store';
import { CancelUpload } from './cancel-upload';
import { FileDrop } from './file-drop';

interface PendingUploadProps {
  title: Pick<Title, 'title_id' | 'state' | 'upload_id'>;
  onChoose: (file: File) => void;
  onCanceled: () => void;
}

/** Asks for a file: any file, or the same one if there is an unfinished upload from this browser or another. */
export function PendingUpload({ title, onChoose, onCanceled }: PendingUploadProps) {
  const existing = existingUpload(title, rememberedForTitle(title.title_id));
  const upload = useQuery({
    queryKey: ['upload', existing?.uploadId],
    queryFn: () => readUpload(existing?.uploadId ?? ''),
    enabled: existing !== undefined,
    // It may be running on another device.
    refetchInterval: existing?.fileName === undefined ? 5_000 : false,
    retry: false,
  });
  const problem = upload.error && toProblem(upload.error);

  if (upload.isLoading) return <Spinner label="Loading the upload" />;
  if (!upload.data && problem && problem.kind !== 'not-found') {
    return <ProblemPanel problem={problem} onRetry={() => upload.refetch()} />;
  }
  if (upload.data && isComplete(upload.data)) return <p role="status">All parts are uploaded. Assembling the file…</p>;
  if (!existing || upload.data?.state !== 'open') return <FileDrop onChoose={onChoose} prompt={prompts[title.state]} />;
  return <Open existing={existing} upload={upload.data} onChoose={onChoose} onCanceled={onCanceled} />;
}

interface OpenProps extends Omit<PendingUploadProps, 'title'> {
  existing: ExistingUpload;
  upload: Upload;
}

/** An unfinished upload, to be resumed with the same file or canceled. */
function Open({ existing, upload, onChoose, onCanceled }: OpenProps) {
  const { fileName } = existing;
  const percent = Math.floor((uploadedBytes(upload) / upload.size_bytes) * 100);
  const cancel = async () => {
    await abortUpload(upload.upload_id);
    forgetUpload(upload.title_id);
    dropTransfer(upload.title_id);
    onCanceled();
  };
  return (
    <section aria-label="Upload" className="flex flex-col gap-4">
      {fileName === undefined ? (
        <p>
          An upload of {formatBytes(upload.size_bytes)} was started on another device or in another browser and may
          still be running there. {percent}% is uploaded. Choose the same file to resume here.
        </p>
      ) : (
        <p>
          The upload of <bdi className="font-bold">{fileName}</bdi> was interrupted at {percent}%. Choose the same file
          to resume.
        </p>
      )}
      <FileDrop
        onChoose={onChoose}
        prompt={fileName === undefined ? 'Add the same file' : `Add ${isolate(fileName)}`}
        refusal={(file) => (matchesFile({ fileName, size_bytes: upload.size_bytes }, file) ? undefined : otherFile)}
      />
      <div>
        <CancelUpload onCancel={cancel} />
      </div>
    </section>
  );
}

const prompts: Partial<Record<TitleState, string>> = {
  uploading: 'The previous upload has ended. Add the file to start over',
  failed: 'Add another file to try again',
};

const otherFile =
  'This is not the file of the unfinished upload. Choose that file, or cancel the upload to start with another.';
