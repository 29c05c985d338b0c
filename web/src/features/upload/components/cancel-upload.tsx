import { useMutation } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/problem-panel';

/** Cancels an upload, after a confirmation. */
export function CancelUpload({ onCancel }: { onCancel: () => Promise<void> }) {
  const [confirming, setConfirming] = useState(false);
  // Offline, fail at once: a cancellation that runs later would surprise.
  const cancel = useMutation({ mutationFn: onCancel, networkMode: 'always' });
  const close = () => {
    setConfirming(false);
    cancel.reset();
  };
  return (
    <>
      <Button variant="ghost" onPress={() => setConfirming(true)}>
        <X aria-hidden="true" className="size-4" /> Cancel upload
      </Button>
      <Dialog role="alertdialog" title="Cancel the upload?" isOpen={confirming} onClose={close}>
        <p className="text-secondary">The uploaded parts are discarded. The title stays as a draft.</p>
        {cancel.error && <ProblemAlert problem={toProblem(cancel.error)} />}
        <div className="flex justify-end gap-3">
          <Button onPress={close}>Keep the upload</Button>
          <Button variant="danger" isPending={cancel.isPending} onPress={() => cancel.mutate()}>
            Cancel the upload
          </Button>
        </div>
      </Dialog>
    </>
  );
}
