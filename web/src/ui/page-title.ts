import { useEffect } from 'react';

/** Names the page in the tab and in the history. */
export function usePageTitle(name: string | undefined): void {
  useEffect(() => {
    document.title = name ? `${name} · Marquee` : 'Marquee';
  }, [name]);
}
