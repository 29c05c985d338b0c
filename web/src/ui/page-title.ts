import { useEffect } from 'react';

/** Sets the document title. */
export function usePageTitle(name: string | undefined): void {
  useEffect(() => {
    document.title = name ? `${name} · Marquee` : 'Marquee';
  }, [name]);
}
