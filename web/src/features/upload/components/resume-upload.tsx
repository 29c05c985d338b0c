import { History } from 'lucide-react';
import { Button } from '@/ui/button';
import { rememberedForFile } from '../remembered-uploads';
import { fingerprint, type Remembered } from '../rules';

interface InterruptedProps {
  file: File;
  onResume: (upload: Remembered) => void;
}

/** Says that this very file was being uploaded before, and offers to resume it. */
export function Interrupted({ file, onResume }: InterruptedProps) {
  const known = rememberedForFile(fingerprint(file));
  if (!known) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-4 rounded-2xl bg-accent-900 p-4">
      <History aria-hidden="true" className="size-6 shrink-0 text-accent-400" />
      <p className="min-w-56 flex-1">You started to upload this file before. What arrived is still there.</p>
      <Button look="primary" onPress={() => onResume(known)}>
        Resume that upload
      </Button>
    </div>
  );
}
