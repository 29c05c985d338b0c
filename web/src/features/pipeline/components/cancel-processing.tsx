import { CircleStop } from 'lucide-react';
import { useState } from 'react';
import { isRetryable, toProblem } from '@/api/problem';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/problem-panel';
import { isolate } from '@/ui/user-text';
import { useCancel } from '../api';

interface CancelProcessingProps {
  title: Title;
  /** Who cancels: what they can do next differs. */
  as: 'owner' | 'admin';
}

/** Cancels the processing of a title, after a confirmation. The button is shown during processing only. */
export function CancelProcessing({ title, as }: CancelProcessingProps) {
  const [confirming, setConfirming] = useState(false);
  const cancel = useCancel(title.title_id);
  const isProcessing = title.state === 'processing';
  // After a failed request the title may be canceled while its job still runs, so canceling stays possible.
  const isUnsure = cancel.error !== null && isRetryable(toProblem(cancel.error));
  const close = () => {
    setConfirming(false);
    cancel.reset();
  };

  return (
    <>
      {isProcessing && (
        <Button onPress={() => setConfirming(true)} className="self-start">
          <CircleStop aria-hidden="true" className="size-4" /> Cancel processing
        </Button>
      )}
      <Dialog
        role="alertdialog"
        title={`Cancel processing of “${isolate(title.name)}”?`}
        isOpen={confirming}
        onClose={close}
      >
        {isProcessing || cancel.isPending || isUnsure ? (
          <>
            <p className="text-secondary">
              Progress so far is lost, and Marquee still pays for what has been transcoded. {nextSteps[as]}
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
              Processing has already finished. There is nothing to cancel.
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

const nextSteps: Record<CancelProcessingProps['as'], string> = {
  owner: 'You can then upload another file, or delete the title.',
  admin: 'The owner can then upload another file or delete the title, and an admin can run it again.',
};
