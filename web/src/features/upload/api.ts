import { api, unwrap } from '@/api/client';
import type { SignedPart, Upload } from '@/api/types';
import { declaredType } from './rules';

export function createUpload(titleId: string, file: File): Promise<Upload> {
  return unwrap(
    api.POST('/api/titles/{title_id}/uploads', {
      params: { path: { title_id: titleId } },
      body: { file_name: file.name, size_bytes: file.size, content_type: declaredType(file) },
    }),
  );
}

export function readUpload(uploadId: string): Promise<Upload> {
  return unwrap(api.GET('/api/uploads/{upload_id}', { params: { path: { upload_id: uploadId } } }));
}

export function abortUpload(uploadId: string): Promise<unknown> {
  return unwrap(api.DELETE('/api/uploads/{upload_id}', { params: { path: { upload_id: uploadId } } }));
}

export interface PartSum {
  part_number: number;
  checksum_sha256: string;
}

export async function signParts(uploadId: string, parts: PartSum[]): Promise<SignedPart[]> {
  const signed = await unwrap(
    api.POST('/api/uploads/{upload_id}/parts', { params: { path: { upload_id: uploadId } }, body: { parts } }),
  );
  return signed.parts;
}

export function completeUpload(uploadId: string, parts: (PartSum & { etag: string })[]): Promise<Upload> {
  return unwrap(
    api.POST('/api/uploads/{upload_id}/complete', { params: { path: { upload_id: uploadId } }, body: { parts } }),
  );
}
