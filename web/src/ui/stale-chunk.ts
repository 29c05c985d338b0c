/** A tab that is older than the last deployment asks for parts of the app that are no longer there. */

/** Whether this is what a browser throws when a part of the app cannot be loaded. */
export function isStaleChunk(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /dynamically imported module|importing a module script failed|unable to preload css/i.test(thrown.message)
  );
}

const STORAGE_KEY = 'marquee.reloaded-at';
const MIN_RELOAD_INTERVAL_MS = 60_000;

/** Reloading brings the new version; if it did not, doing it over and over would not either. */
export const reloadOnce = {
  allowed: () => Date.now() - Number(sessionStorage.getItem(STORAGE_KEY) ?? 0) > MIN_RELOAD_INTERVAL_MS,
  run: () => {
    sessionStorage.setItem(STORAGE_KEY, String(Date.now()));
    location.reload();
  },
};
