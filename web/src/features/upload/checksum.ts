/** The SHA-256 of a piece of a file, in base64 as S3 wants it. The browser computes it off the main thread. */
export async function sha256(piece: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await piece.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/** Browsers offer checksums only on https and on localhost. */
export function canChecksum(): boolean {
  return globalThis.isSecureContext && crypto.subtle !== undefined;
}
