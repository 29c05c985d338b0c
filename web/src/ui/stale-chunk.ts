/** A tab that is older than the last deployment requests chunks that no longer exist. */

/** Whether a browser threw this because a chunk could not be loaded. */
export function isStaleChunk(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /dynamically imported module|importing a module script failed|unable to preload css/i.test(thrown.message)
  );
}

const STORAGE_KEY = 'marquee.reloaded-at';
const MIN_RELOAD_INTERVAL_MS = 60_000;

/** Reloads the page for the new version, but not in a loop. */
export const reloadOnce = {
  allowed: () => Date.now() - Number(sessionStorage.getItem(STORAGE_KEY) ?? 0) > MIN_RELOAD_INTERVAL_MS,
  run: () => {
    sessionStorage.setItem(STORAGE_KEY, String(Date.now()));
    location.reload();
  },
};
