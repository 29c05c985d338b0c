/** A tab that is older than the last deployment asks for parts of the app that are no longer there. */

/** Whether this is what a browser throws when a part of the app cannot be loaded. */
export function isStaleChunk(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /dynamically imported module|importing a module script failed|unable to preload css/i.test(thrown.message)
  );
}

const STORED = 'marquee.reloaded-at';
const AGAIN_AFTER_MS = 60_000;

/** Reloading brings the new version; if it did not, doing it over and over would not either. */
export const reloadOnce = {
  may: () => Date.now() - Number(sessionStorage.getItem(STORED) ?? 0) > AGAIN_AFTER_MS,
  now: () => {
    sessionStorage.setItem(STORED, String(Date.now()));
    location.reload();
  },
};
