import { CircleStop } from 'lucide-react';
import { useState } from 'react';
import { isRetryable, toProblem } from '@/api/problem';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/empty-state';
import { isolate } from '@/ui/user-text';
import { useCancel } from '../api';

interface CancelProcessingProps {
  title: Title;
  /** Who asks: what can be done afterwards differs. */
  as: 'owner' | 'admin';
}

/** Stops a title's pipeline, after asking. Nothing while the title is in another state. */
export function CancelProcessing({ title, as }: CancelProcessingProps) {
  const [asking, setAsking] = useState(false);
  const cancel = useCancel(title.title_id);
  const isProcessing = title.state === 'processing';
  // The title may say "canceled" already, and its job be at work all the same.
  const isUnsure = cancel.error !== null && isRetryable(toProblem(cancel.error));
  const close = () => {
    setAsking(false);
    cancel.reset();
  };

  return (
    <>
      {isProcessing && (
        <Button onPress={() => setAsking(true)} className="self-start">
          <CircleStop aria-hidden="true" className="size-4" /> Cancel processing
        </Button>
      )}
      <Dialog
        role="alertdialog"
        title={`Cancel the processing of “${isolate(title.name)}”?`}
        isOpen={asking}
        onClose={close}
      >
        {isProcessing || cancel.isPending || isUnsure ? (
          <>
            <p className="text-secondary">
              What is done so far is lost, and what is transcoded so far is paid for. {afterwards[as]}
            </p>
            {cancel.error && <ProblemAlert problem={toProblem(cancel.error)} />}
            <div className="flex flex-wrap justify-end gap-3">
              <Button onPress={close}>Keep processing</Button>
              <Button
                variant="danger"
                isPending={cancel.isPending}
                onPress={() => cancel.mutate(undefined, { onSuccess: close })}
              >
                Cancel processing
              </Button>
            </div>
          </>
        ) : (
          <>
            <p role="status" className="text-secondary">
              The processing has ended by now: there is nothing left to cancel.
            </p>
            <div className="flex justify-end">
              <Button onPress={close}>Close</Button>
            </div>
          </>
        )}
      </Dialog>
    </>
  );
}

const afterwards: Record<CancelProcessingProps['as'], string> = {
  owner: 'You can then upload another file, or delete the title.',
  admin: 'Its owner can then upload another file or delete the title; an admin can start it again.',
};
