import { Check, Link2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button';

/** Copies the URL of a page to the clipboard. */
export function CopyLink({ path }: { path: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), 3_000);
    return () => clearTimeout(timer);
  }, [state]);
  const link = new URL(path, location.origin).href;
  const copy = () =>
    void Promise.resolve(navigator.clipboard?.writeText(link) ?? Promise.reject(new Error('no clipboard'))).then(
      () => setState('copied'),
      () => setState('failed'),
    );

  return (
    <div className="flex flex-col gap-2">
      <Button onPress={copy} className="w-full">
        {state === 'copied' ? (
          <Check aria-hidden="true" className="size-4" />
        ) : (
          <Link2 aria-hidden="true" className="size-4" />
        )}{' '}
        {state === 'copied' ? 'Link copied' : 'Copy link'}
      </Button>
      <p role="status" className={state === 'failed' ? 'text-sm break-all text-secondary' : 'sr-only'}>
        {state === 'copied' && 'Link copied'}
        {state === 'failed' && link}
      </p>
    </div>
  );
}
