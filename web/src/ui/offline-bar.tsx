import { CloudOff } from 'lucide-react';
import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  addEventListener('online', listener);
  addEventListener('offline', listener);
  return () => {
    removeEventListener('online', listener);
    removeEventListener('offline', listener);
  };
}

/** Shown while the browser is offline. */
export function OfflineBar() {
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status" className="fixed inset-x-0 bottom-20 z-40 flex justify-center px-4 sm:bottom-6">
      {!online && (
        <p className="flex animate-rise items-center gap-3 rounded-full bg-surface-700 px-5 py-3 font-semibold shadow-card">
          <CloudOff aria-hidden="true" className="size-5 text-accent-400" />
          You are offline. Marquee will reconnect automatically.
        </p>
      )}
    </div>
  );
}
