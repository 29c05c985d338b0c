/** The SHA-256 of a part of a file, in base64 for S3. The browser computes it off the main thread. */
export async function sha256(piece: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await piece.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** Whether the browser offers checksums: only over HTTPS and on localhost. */
export function canChecksum(): boolean {
  return globalThis.isSecureContext && crypto.subtle !== undefined;
}
