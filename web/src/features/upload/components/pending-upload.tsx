import { useQuery } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import type { Title, TitleState, Upload } from '@/api/types';
import { formatBytes } from '@/format/amounts';
import { ProblemPanel } from '@/ui/empty-state';
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

/** No file is on its way from here: one is asked for, the same one if an upload was begun, here or elsewhere. */
export function PendingUpload({ title, onChoose, onCanceled }: PendingUploadProps) {
  const begun = existingUpload(title, rememberedForTitle(title.title_id));
  const upload = useQuery({
    queryKey: ['upload', begun?.uploadId],
    queryFn: () => readUpload(begun?.uploadId ?? ''),
    enabled: begun !== undefined,
    // It may be under way on another device.
    refetchInterval: begun?.fileName === undefined ? 5_000 : false,
    retry: false,
  });
  const problem = upload.error && toProblem(upload.error);

  if (upload.isLoading) return <Spinner label="Looking for the upload" />;
  if (!upload.data && problem && problem.kind !== 'not-found') {
    return <ProblemPanel problem={problem} onRetry={() => upload.refetch()} />;
  }
  if (upload.data && isComplete(upload.data))
    return <p role="status">All parts have arrived. Putting them together…</p>;
  if (!begun || upload.data?.state !== 'open') return <FileDrop onChoose={onChoose} prompt={prompts[title.state]} />;
  return <Open begun={begun} upload={upload.data} onChoose={onChoose} onCanceled={onCanceled} />;
}

interface OpenProps extends Omit<PendingUploadProps, 'title'> {
  begun: ExistingUpload;
  upload: Upload;
}

/** An upload that was begun and can be continued with the same file, or canceled. */
function Open({ begun, upload, onChoose, onCanceled }: OpenProps) {
  const { fileName } = begun;
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
          An upload of {formatBytes(upload.size_bytes)} was begun on another device or in another browser, where it may
          be under way still; {percent}% has arrived. Choose the same file to continue it here.
        </p>
      ) : (
        <p>
          <bdi className="font-bold">{fileName}</bdi> was interrupted at {percent}%. Choose the same file to resume.
        </p>
      )}
      <FileDrop
        onChoose={onChoose}
        prompt={fileName === undefined ? 'Drop the same film here' : `Drop ${isolate(fileName)} here`}
        refusal={(file) => (matchesFile({ fileName, size_bytes: upload.size_bytes }, file) ? undefined : otherFile)}
      />
      <div>
        <CancelUpload onCancel={cancel} />
      </div>
    </section>
  );
}

const prompts: Partial<Record<TitleState, string>> = {
  uploading: 'The upload that was begun has ended. Drop the film here to start over',
  failed: 'Drop another file here to try again',
};

const otherFile =
  'This is not the file whose upload was begun. Choose that one, or cancel the upload to start with another.';
