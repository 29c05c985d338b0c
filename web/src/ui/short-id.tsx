import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button';
import { useCopy } from './use-copy';

interface ShortIdProps {
  id: string;
  /** Makes a link of the short form. */
  link: (short: ReactNode) => ReactNode;
}

/** The start and the end of an ID, with a button that copies all of it. */
export function ShortId({ id, link }: ShortIdProps) {
  const { state, copy } = useCopy(id);
  // The start of an ID is a time, so IDs of the same minute differ at the end only.
  const short = `${id.slice(0, 8)}…${id.slice(-4)}`;
  return (
    <span className="inline-flex items-center gap-0.5 align-middle">
      {link(<code title={id}>{state === 'failed' ? id : short}</code>)}
      <IconButton label={`Copy ID ${short}`} onPress={copy} className="-my-2 size-8 text-muted">
        {state === 'copied' ? (
          <Check aria-hidden="true" className="size-4" />
        ) : (
          <Copy aria-hidden="true" className="size-4" />
        )}
      </IconButton>
      <span role="status" className="sr-only">
        {state === 'copied' && 'ID copied'}
      </span>
    </span>
  );
}
