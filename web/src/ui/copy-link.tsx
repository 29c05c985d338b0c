import { Check, Link2 } from 'lucide-react';
import { Button } from './button';
import { useCopy } from './use-copy';

/** Copies the URL of a page to the clipboard. */
export function CopyLink({ path }: { path: string }) {
  const link = new URL(path, location.origin).href;
  const { state, copy } = useCopy(link);

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
