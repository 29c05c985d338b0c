import { Check, Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button';
import { useCopy } from './use-copy';

interface ShortIdProps {
  id: string;
  /** The name of what it identifies, which is shown instead. */
  name?: string | null | undefined;
  /** Makes a link of the name or the short form. */
  link: (shown: ReactNode) => ReactNode;
}

/** A name, or the start and the end of an ID, with a button that copies the whole ID. */
export function ShortId({ id, name, link }: ShortIdProps) {
  const { state, copy } = useCopy(id);
  // The start of an ID is a time, so IDs of the same minute differ at the end only.
  const short = `${id.slice(0, 8)}…${id.slice(-4)}`;
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-0.5 align-middle">
      {link(name ? <bdi title={id}>{name}</bdi> : <code title={id}>{short}</code>)}
      <IconButton label={`Copy ID ${short}`} onPress={copy} className="-my-2 size-8 text-muted">
        {state === 'copied' ? (
          <Check aria-hidden="true" className="size-4" />
        ) : (
          <Copy aria-hidden="true" className="size-4" />
        )}
      </IconButton>
      <span role="status" className={state === 'failed' ? 'break-all' : 'sr-only'}>
        {state === 'copied' && 'ID copied'}
        {state === 'failed' && id}
      </span>
    </span>
  );
}
