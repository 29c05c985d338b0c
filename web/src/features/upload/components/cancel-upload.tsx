import { X } from 'lucide-react';
import { useState } from 'react';
import { problemIn } from '@/api/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemNote } from '@/ui/panels';

/** Gives an upload up, after asking. */
export function CancelUpload({ onCancel }: { onCancel: () => Promise<void> }) {
  const [asking, setAsking] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const confirm = () => onCancel().catch(setProblem);
  return (
    <>
      <Button look="ghost" onPress={() => setAsking(true)}>
        <X aria-hidden="true" className="size-4" /> Cancel upload
      </Button>
      <Dialog role="alertdialog" title="Cancel the upload?" isOpen={asking} onClose={() => setAsking(false)}>
        <p className="text-ink-300">What has been sent so far is thrown away. The title stays as a draft.</p>
        {problem !== undefined && <ProblemNote problem={problemIn(problem)} />}
        <div className="flex justify-end gap-3">
          <Button onPress={() => setAsking(false)}>Keep uploading</Button>
          <Button look="danger" onPress={confirm}>
            Cancel the upload
          </Button>
        </div>
      </Dialog>
    </>
  );
}
