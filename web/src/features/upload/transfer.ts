/** Uploads a file in parts directly to the bucket. Uppy manages the queue; our API signs the parts. */
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import { newProblem, type Problem, ProblemError, toProblem } from '@/api/problem';
import type { Upload } from '@/api/types';
import { abortUpload, completeUpload, createUpload, readUpload, signParts } from './api';
import { batched } from './batch';
import { canChecksum, sha256 } from './checksum';
import { forgetUpload, rememberUpload } from './remembered-uploads';
import {
  fingerprint,
  isComplete,
  isTransient,
  partsOf,
  resumption,
  retryDelay,
  type Sample,
  speedOf,
  uploadedBytes,
  withSample,
} from './rules';
import {
  changeTransfer,
  dropTransfer,
  isActive,
  putTransfer,
  type Transfer,
  type TransferControls,
  transferOf,
} from './store';

const CONCURRENT_PARTS = 4;
const RETRY_DELAYS = [500, 2_000, 5_000, 10_000];

/**
 * Uploads `file` for a title, or resumes the upload `existingId`. Progress is in the store. Does nothing if the title's
 * upload is already running in this tab.
 */
export function startTransfer(titleId: string, file: File, existingId?: string): void {
  const present = transferOf(titleId);
  if (present && isActive(present)) return;

  /** Resolves once the upload sends, waits or has failed. */
  let preparing = Promise.resolve();
  let running: Running | undefined;
  let waiting: Wait | undefined;
  let canceling = false;
  let failures = 0;
  let uploadId = existingId;

  const stop = () => {
    running?.stop();
    running = undefined;
    waiting?.end();
    waiting = undefined;
  };
  const isPaused = () => transferOf(titleId)?.state === 'paused';
  const failed = (thrown: unknown) => {
    stop();
    if (canceling) return;
    const failure = failureOf(thrown);
    // A paused upload stays paused when the connection is lost.
    if (failure.state === 'waiting' && isPaused()) return;
    changeTransfer(titleId, { ...failure, bytesPerSecond: undefined });
    if (failure.state !== 'waiting') return;
    waiting = startWait(retryDelay(failures), run);
    failures += 1;
  };
  const prepare = async () => {
    changeTransfer(titleId, { state: 'preparing', problem: undefined, refusedFile: false, bytesPerSecond: undefined });
    try {
      if (!canChecksum()) throw new ProblemError(insecure);
      const upload = await uploadFor(titleId, file, uploadId);
      uploadId = upload.upload_id;
      if (canceling) return;
      if (isComplete(upload)) {
        // It was completed before; only the response was lost.
        forgetUpload(titleId);
        changeTransfer(titleId, { state: 'done', sent: file.size });
        return;
      }
      const onPart = () => {
        failures = 0;
      };
      running = send(upload, file, { onPart, onFailure: failed });
    } catch (thrown) {
      failed(thrown);
    }
  };
  const run = () => {
    stop();
    if (!canceling) preparing = prepare();
  };
  const controls: TransferControls = {
    pause: () => {
      running?.uppy.pauseAll();
      changeTransfer(titleId, { state: 'paused', bytesPerSecond: undefined });
    },
    resume: () => {
      // It may have stopped while paused, for example offline.
      if (!running) return run();
      running.uppy.resumeAll();
      changeTransfer(titleId, { state: 'sending' });
    },
    retry: run,
    cancel: async () => {
      canceling = true;
      stop();
      try {
        // An upload that is being created has no ID yet; wait for it, so that it is not left behind.
        await preparing;
        if (uploadId) await abortUpload(uploadId);
      } catch (thrown) {
        canceling = false;
        const transfer = transferOf(titleId);
        if (transfer && isActive(transfer) && !isPaused()) run();
        throw thrown;
      }
      forgetUpload(titleId);
      dropTransfer(titleId);
    },
  };

  putTransfer(
    {
      titleId,
      fileName: file.name,
      state: 'preparing',
      sent: 0,
      total: file.size,
      bytesPerSecond: undefined,
      problem: undefined,
      refusedFile: false,
      idleMs: 0,
      idleSince: undefined,
    },
    controls,
  );
  run();
}

interface Wait {
  end(): void;
}

/** Calls `callBack` after a delay, or as soon as the browser is online again. */
function startWait(ms: number, callBack: () => void): Wait {
  const timer = setTimeout(callBack, ms);
  addEventListener('online', callBack);
  return {
    end: () => {
      clearTimeout(timer);
      removeEventListener('online', callBack);
    },
  };
}

/** The existing upload if the file is the same, or else a new one. */
async function uploadFor(titleId: string, file: File, known: string | undefined): Promise<Upload> {
  const saveRecord = ({ upload_id: uploadId }: Upload) =>
    rememberUpload({ fingerprint: fingerprint(file), fileName: file.name, titleId, uploadId });
  if (known !== undefined) {
    const upload = await readUpload(known).catch((thrown) => {
      if (toProblem(thrown).kind === 'not-found') return undefined;
      throw thrown;
    });
    if (upload && isComplete(upload)) return upload;
    const resumable = upload && resumption(upload, file, Date.now());
    if (upload && resumable === 'yes') {
      if (await sameContent(upload, file)) {
        saveRecord(upload);
        return upload;
      }
      throw new ProblemError(otherFile);
    }
    if (resumable === 'other-file') throw new ProblemError(otherFile);
  }

  const upload = await createUpload(titleId, file);
  saveRecord(upload);
  return upload;
}

/** Whether an uploaded part matches the file, which may have changed and kept its name and size. */
async function sameContent(upload: Upload, file: File): Promise<boolean> {
  const uploaded = upload.parts.at(-1);
  const part = uploaded && partsOf(file.size, upload.part_size)[uploaded.part_number - 1];
  return !part || (await sha256(file.slice(part.start, part.end))) === uploaded.checksum_sha256;
}

interface Running {
  uppy: Uppy;
  stop: () => void;
}

interface Sending {
  /** Called for each uploaded part. */
  onPart: () => void;
  /** Called when the upload cannot continue, for now or at all. */
  onFailure: (thrown: unknown) => void;
}

function send(upload: Upload, file: File, { onPart, onFailure }: Sending): Running {
  const { upload_id: uploadId, title_id: titleId } = upload;
  const sums = new Map(upload.parts.map((part) => [part.part_number, part.checksum_sha256]));
  const uploadedBefore = uploadedBytes(upload);
  let samples: Sample[] = [{ at: performance.now(), sent: uploadedBefore }];
  let finished = false;

  const stop = () => {
    finished = true;
    removeEventListener('offline', onOffline);
    uppy.destroy();
  };
  const fail = (thrown: unknown) => {
    if (finished) return;
    stop();
    onFailure(thrown);
  };
  const sign = batched(
    (parts: { part_number: number; checksum_sha256: string }[]) => signParts(uploadId, parts),
    (signed, wanted) => signed.find((part) => part.part_number === wanted.part_number),
    { max: 100, waitMs: 25 },
  );

  const uppy = new Uppy({ id: uploadId }).use(AwsS3, {
    shouldUseMultipart: true,
    limit: CONCURRENT_PARTS,
    retryDelays: RETRY_DELAYS,
    getChunkSize: () => upload.part_size,
    createMultipartUpload: () => Promise.resolve({ uploadId, key: uploadId }),
    listParts: async () =>
      (await readUpload(uploadId)).parts.map((part) => ({
        PartNumber: part.part_number,
        ETag: part.etag,
        Size: part.size_bytes,
      })),
    signPart: async (_, { partNumber, body }) => {
      try {
        const sum = await sha256(body as Blob);
        sums.set(partNumber, sum);
        const { url, headers } = await sign({ part_number: partNumber, checksum_sha256: sum });
        return { url, headers };
      } catch (thrown) {
        // Uppy retries every error; stop here for errors that will not go away.
        if (!isTransient(problemOfTransfer(thrown))) fail(thrown);
        throw thrown;
      }
    },
    // Uppy aborts after an error. Keep the parts, so that the next attempt resumes here.
    abortMultipartUpload: () => Promise.resolve(),
    completeMultipartUpload: async (_, { parts }) => {
      changeTransfer(titleId, { state: 'finishing', bytesPerSecond: undefined });
      await completeUpload(
        uploadId,
        parts.map(({ PartNumber = 0, ETag = '' }) => ({
          part_number: PartNumber,
          etag: ETag,
          checksum_sha256: sums.get(PartNumber) ?? '',
        })),
      );
      return {};
    },
  });

  uppy.on('upload-progress', (_, { bytesUploaded }) => {
    if (finished) return;
    samples = withSample(samples, { at: performance.now(), sent: bytesUploaded });
    changeTransfer(titleId, { sent: bytesUploaded, bytesPerSecond: speedOf(samples) });
  });
  // Uppy would wait for the connection silently.
  const onOffline = () => fail(new TypeError('the browser went offline'));
  addEventListener('offline', onOffline);
  uppy.on('s3-multipart:part-uploaded', onPart);
  uppy.on('upload-error', (_, error) => fail(error));
  uppy.on('upload-success', () => {
    if (finished) return;
    stop();
    forgetUpload(titleId);
    changeTransfer(titleId, { state: 'done', sent: file.size });
  });

  changeTransfer(titleId, { state: 'sending', sent: uploadedBefore });
  const id = uppy.addFile({ name: file.name, type: file.type, data: file });
  // With this state Uppy lists the uploaded parts first.
  uppy.setFileState(id, { s3Multipart: { uploadId, key: uploadId } } as never);
  void uppy.upload().catch(fail);

  return { uppy, stop };
}

/** What stopped a transfer, and whether it needs time, another file or the user to continue. */
function failureOf(thrown: unknown): Pick<Transfer, 'state' | 'problem' | 'refusedFile'> {
  if (isUnreadable(thrown)) return { state: 'failed', problem: unreadable, refusedFile: true };
  const problem = problemOfTransfer(thrown);
  if (isTransient(problem)) return { state: 'waiting', problem, refusedFile: false };
  return { state: 'failed', problem, refusedFile: problem === otherFile || hasFieldErrors(thrown) };
}

/** The problem of a failed transfer. There is no form to show field errors in, so they become the detail. */
function problemOfTransfer(thrown: unknown): Problem {
  if (thrown instanceof ProblemError || thrown instanceof TypeError) {
    const problem = toProblem(thrown);
    if (problem.kind !== 'invalid-fields') return problem;
    return { ...problem, title: 'This file cannot be uploaded', detail: Object.values(problem.fields).join(' ') };
  }
  // Uppy's own errors are about a part that could not be uploaded.
  return navigator.onLine ? newProblem('unavailable') : newProblem('offline');
}

function hasFieldErrors(thrown: unknown): boolean {
  return thrown instanceof ProblemError && thrown.problem.kind === 'invalid-fields';
}

/** Whether the browser cannot read the file, because it was moved, deleted or changed after it was chosen. */
function isUnreadable(thrown: unknown): boolean {
  return thrown instanceof DOMException && ['NotReadableError', 'NotFoundError', 'SecurityError'].includes(thrown.name);
}

const otherFile = newProblem('conflict', {
  title: 'This is a different file',
  detail:
    'It has the name and size of the file of the unfinished upload, but different content. Choose the original file.',
});

const unreadable = newProblem('conflict', {
  title: 'The file can’t be read',
  detail: 'It was moved, deleted or changed after you chose it. Choose it again.',
});

const insecure = newProblem('forbidden', {
  title: 'Uploads need a secure connection',
  detail: 'Open Marquee over HTTPS or on localhost. Browsers can compute checksums only there.',
});
