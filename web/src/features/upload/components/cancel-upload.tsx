import { useMutation } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/empty-state';

/** Gives an upload up, after asking. */
export function CancelUpload({ onCancel }: { onCancel: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  // Without a connection it fails at once, and the upload continues: canceled later, it would surprise.
  const cancel = useMutation({ mutationFn: onCancel, networkMode: 'always' });
  const close = () => {
    setAsking(false);
    cancel.reset();
  };
  return (
    <>
      <Button variant="ghost" onPress={() => setAsking(true)}>
        <X aria-hidden="true" className="size-4" /> Cancel upload
      </Button>
      <Dialog role="alertdialog" title="Cancel the upload?" isOpen={asking} onClose={close}>
        <p className="text-secondary">What has been sent so far is thrown away. The title stays as a draft.</p>
        {cancel.error && <ProblemAlert problem={toProblem(cancel.error)} />}
        <div className="flex justify-end gap-3">
          <Button onPress={close}>Keep uploading</Button>
          <Button variant="danger" isPending={cancel.isPending} onPress={() => cancel.mutate()}>
            Cancel the upload
          </Button>
        </div>
      </Dialog>
    </>
  );
}
