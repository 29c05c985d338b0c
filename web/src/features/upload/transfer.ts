/** Sends a file in parts straight to the bucket: Uppy keeps the queue, our API signs each part. */
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import { type Problem, ProblemError, problemIn, problemOf, worthRetrying } from '@/api/problem';
import type { Upload } from '@/api/types';
import { abortUpload, beginUpload, completeUpload, readUpload, signParts } from './api';
import { batched } from './batch';
import { canChecksum, sha256 } from './checksum';
import { forgetUploadOf, remember, rememberedForTitle } from './memory';
import { bytesThere, fingerprint, partsOf, resumption, type Sample, speedOf, withSample } from './rules';
import { changeTransfer, dropTransfer, putTransfer, type TransferControls } from './store';

const PARTS_AT_ONCE = 4;
const RETRY_DELAYS = [500, 2_000, 5_000, 10_000];

/** Begins, or goes on with, the upload of `file` for a title. It shows itself in the store. */
export function startTransfer(titleId: string, file: File): void {
  let running: Running | undefined;

  const run = async () => {
    running?.stop();
    changeTransfer(titleId, { state: 'preparing', problem: undefined, bytesPerSecond: undefined });
    try {
      if (!canChecksum()) throw new ProblemError(insecure);
      const upload = await uploadFor(titleId, file);
      running = send(upload, file);
    } catch (thrown) {
      changeTransfer(titleId, { state: 'failed', problem: problemOfTransfer(thrown) });
    }
  };
  const controls: TransferControls = {
    pause: () => {
      running?.uppy.pauseAll();
      changeTransfer(titleId, { state: 'paused', bytesPerSecond: undefined });
    },
    resume: () => {
      running?.uppy.resumeAll();
      changeTransfer(titleId, { state: 'sending' });
    },
    retry: () => void run(),
    cancel: async () => {
      running?.stop();
      const uploadId = rememberedForTitle(titleId)?.uploadId;
      if (uploadId) await abortUpload(uploadId);
      forgetUploadOf(titleId);
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
    },
    controls,
  );
  void run();
}

/** The upload that this browser began for the title, if the file is the same; else a new one. */
async function uploadFor(titleId: string, file: File): Promise<Upload> {
  const known = rememberedForTitle(titleId);
  if (known) {
    const upload = await readUpload(known.uploadId).catch((thrown) => {
      if (problemIn(thrown).kind === 'not-found') return undefined;
      throw thrown;
    });
    const can = upload && resumption(upload, file, Date.now());
    if (upload && can === 'yes') {
      if (await sameContent(upload, file)) return upload;
      throw new ProblemError(otherFile);
    }
    if (can === 'other-file') throw new ProblemError(otherFile);
  }

  const upload = await beginUpload(titleId, file);
  remember({ fingerprint: fingerprint(file), fileName: file.name, titleId, uploadId: upload.upload_id });
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

function send(upload: Upload, file: File): Running {
  const { upload_id: uploadId, title_id: titleId } = upload;
  const sums = new Map(upload.parts.map((part) => [part.part_number, part.checksum_sha256]));
  const already = bytesThere(upload);
  let samples: Sample[] = [{ at: performance.now(), sent: already }];
  let over = false;

  const stop = () => {
    over = true;
    uppy.destroy();
  };
  const fail = (thrown: unknown) => {
    if (over) return;
    stop();
    changeTransfer(titleId, { state: 'failed', problem: problemOfTransfer(thrown), bytesPerSecond: undefined });
  };
  const sign = batched(
    (parts: { part_number: number; checksum_sha256: string }[]) => signParts(uploadId, parts),
    (signed, wanted) => signed.find((part) => part.part_number === wanted.part_number),
    { most: 100, waitMs: 25 },
  );

  const uppy = new Uppy({ id: uploadId }).use(AwsS3, {
    shouldUseMultipart: true,
    limit: PARTS_AT_ONCE,
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
        if (!worthRetrying(problemIn(thrown))) fail(thrown);
        throw thrown;
      }
    },
    // Uppy aborts after an error; we keep the parts, so that trying again goes on where it stopped.
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
  uppy.on('upload-error', (_, error) => fail(error));
  uppy.on('upload-success', () => {
    if (over) return;
    stop();
    forgetUploadOf(titleId);
    changeTransfer(titleId, { state: 'done', sent: file.size });
  });

  changeTransfer(titleId, { state: 'sending', sent: already });
  const id = uppy.addFile({ name: file.name, type: file.type, data: file });
  // With these Uppy asks first which parts are there.
  uppy.setFileState(id, { s3Multipart: { uploadId, key: uploadId } } as never);
  void uppy.upload().catch(fail);

  return { uppy, stop };
}

/** What stopped a transfer: here stands no form whose fields could be marked. */
function problemOfTransfer(thrown: unknown): Problem {
  if (thrown instanceof ProblemError || thrown instanceof TypeError) {
    const problem = problemIn(thrown);
    if (problem.kind !== 'invalid-fields') return problem;
    return { ...problem, title: 'This file cannot be uploaded', detail: Object.values(problem.fields).join(' ') };
  }
  // Uppy's own errors are about a part that did not arrive.
  return problemOf('unavailable', {
    title: 'The upload was interrupted',
    detail: 'A part did not arrive. Nothing is lost: try again and it goes on where it stopped.',
  });
}

const otherFile = problemOf('conflict', {
  title: 'That is another file',
  detail:
    'The upload that was begun for this title is of another file. Choose that one, or cancel the upload to start anew.',
});

const insecure = problemOf('unavailable', {
  title: 'Uploads need a secure page',
  detail: 'Open Marquee by https or on localhost: the browser checks what it sends only there.',
});
