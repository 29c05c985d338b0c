/** Sends a file in parts straight to the bucket: Uppy keeps the queue, our API signs each part. */
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import { newProblem, type Problem, ProblemError, toProblem } from '@/api/problem';
import type { Upload } from '@/api/types';
import { abortUpload, beginUpload, completeUpload, readUpload, signParts } from './api';
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
 * Begins the upload of `file` for a title, or continues the one that was begun: `begunId`, here or elsewhere. It shows itself in
 * the store. An upload that is under way in this tab stays as it is.
 */
export function startTransfer(titleId: string, file: File, begunId?: string): void {
  const present = transferOf(titleId);
  if (present && isActive(present)) return;

  /** Ends once the upload is sent, waits or has failed. */
  let preparing = Promise.resolve();
  let running: Running | undefined;
  let waiting: Wait | undefined;
  let canceling = false;
  let failures = 0;
  let uploadId = begunId;

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
    // What was paused waits for its person, not for the connection.
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
        // It was completed, and only the answer was lost on its way here.
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
      // It may have stopped since: without a connection, for example.
      if (!running) return run();
      running.uppy.resumeAll();
      changeTransfer(titleId, { state: 'sending' });
    },
    retry: run,
    cancel: async () => {
      canceling = true;
      stop();
      try {
        // An upload that is just being begun has no id yet, and must not be left behind.
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

/** Calls back after a while, and at once when the browser has a connection again. */
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

/** The upload that was begun for the title, if the file is the same; else a new one. */
async function uploadFor(titleId: string, file: File, known: string | undefined): Promise<Upload> {
  const keep = ({ upload_id: uploadId }: Upload) =>
    rememberUpload({ fingerprint: fingerprint(file), fileName: file.name, titleId, uploadId });
  if (known !== undefined) {
    const upload = await readUpload(known).catch((thrown) => {
      if (toProblem(thrown).kind === 'not-found') return undefined;
      throw thrown;
    });
    if (upload && isComplete(upload)) return upload;
    const can = upload && resumption(upload, file, Date.now());
    if (upload && can === 'yes') {
      if (await sameContent(upload, file)) {
        keep(upload);
        return upload;
      }
      throw new ProblemError(otherFile);
    }
    if (can === 'other-file') throw new ProblemError(otherFile);
  }

  const upload = await beginUpload(titleId, file);
  keep(upload);
  return upload;
}

/** Whether a part that arrived is what the file has there: a file may change and keep its name and size. */
async function sameContent(upload: Upload, file: File): Promise<boolean> {
  const there = upload.parts.at(-1);
  const part = there && partsOf(file.size, upload.part_size)[there.part_number - 1];
  return !part || (await sha256(file.slice(part.start, part.end))) === there.checksum_sha256;
}

interface Running {
  uppy: Uppy;
  stop: () => void;
}

interface Sending {
  /** A part has arrived. */
  onPart: () => void;
  /** It cannot continue, for now or at all. */
  onFailure: (thrown: unknown) => void;
}

function send(upload: Upload, file: File, { onPart, onFailure }: Sending): Running {
  const { upload_id: uploadId, title_id: titleId } = upload;
  const sums = new Map(upload.parts.map((part) => [part.part_number, part.checksum_sha256]));
  const already = uploadedBytes(upload);
  let samples: Sample[] = [{ at: performance.now(), sent: already }];
  let over = false;

  const stop = () => {
    over = true;
    removeEventListener('offline', lost);
    uppy.destroy();
  };
  const fail = (thrown: unknown) => {
    if (over) return;
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
        // Uppy tries again whatever the reason; what will not change ends it here.
        if (!isTransient(problemOfTransfer(thrown))) fail(thrown);
        throw thrown;
      }
    },
    // Uppy aborts after an error; we keep the parts, so that the next try continues where this one stopped.
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
    if (over) return;
    samples = withSample(samples, { at: performance.now(), sent: bytesUploaded });
    changeTransfer(titleId, { sent: bytesUploaded, bytesPerSecond: speedOf(samples) });
  });
  // Uppy would wait for the connection without a sign of it.
  const lost = () => fail(new TypeError('the browser went offline'));
  addEventListener('offline', lost);
  uppy.on('s3-multipart:part-uploaded', onPart);
  uppy.on('upload-error', (_, error) => fail(error));
  uppy.on('upload-success', () => {
    if (over) return;
    stop();
    forgetUpload(titleId);
    changeTransfer(titleId, { state: 'done', sent: file.size });
  });

  changeTransfer(titleId, { state: 'sending', sent: already });
  const id = uppy.addFile({ name: file.name, type: file.type, data: file });
  // With these Uppy asks first which parts are there.
  uppy.setFileState(id, { s3Multipart: { uploadId, key: uploadId } } as never);
  void uppy.upload().catch(fail);

  return { uppy, stop };
}

/** What stopped a transfer, and what it takes to continue: time, another file, or a person. */
function failureOf(thrown: unknown): Pick<Transfer, 'state' | 'problem' | 'refusedFile'> {
  if (isUnreadable(thrown)) return { state: 'failed', problem: unreadable, refusedFile: true };
  const problem = problemOfTransfer(thrown);
  if (isTransient(problem)) return { state: 'waiting', problem, refusedFile: false };
  return { state: 'failed', problem, refusedFile: problem === otherFile || thrownFields(thrown) };
}

/** There is no form here whose fields could be marked: what is wrong with the file is said in its place. */
function problemOfTransfer(thrown: unknown): Problem {
  if (thrown instanceof ProblemError || thrown instanceof TypeError) {
    const problem = toProblem(thrown);
    if (problem.kind !== 'invalid-fields') return problem;
    return { ...problem, title: 'This file cannot be uploaded', detail: Object.values(problem.fields).join(' ') };
  }
  // Uppy's own errors are about a part that did not arrive.
  return navigator.onLine ? newProblem('unavailable') : newProblem('offline');
}

function thrownFields(thrown: unknown): boolean {
  return thrown instanceof ProblemError && thrown.problem.kind === 'invalid-fields';
}

/** The browser cannot read the file: it was moved, removed or changed since it was chosen. */
function isUnreadable(thrown: unknown): boolean {
  return thrown instanceof DOMException && ['NotReadableError', 'NotFoundError', 'SecurityError'].includes(thrown.name);
}

const otherFile = newProblem('conflict', {
  title: 'That is another file',
  detail: 'It has the name and the size of the file whose upload was begun, but not its content. Choose that file.',
});

const unreadable = newProblem('conflict', {
  title: 'The file cannot be read',
  detail: 'It was moved, removed or changed since you chose it. Choose it again.',
});

const insecure = newProblem('forbidden', {
  title: 'Uploads need a secure page',
  detail: 'Open Marquee by https or on localhost: the browser checks what it sends only there.',
});
