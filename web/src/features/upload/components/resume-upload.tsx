import { History } from 'lucide-react';
import { Button } from '@/ui/button';
import { rememberedForFile } from '../remembered-uploads';
import { fingerprint, type RememberedUpload } from '../rules';

interface ResumeUploadProps {
  file: File;
  onResume: (upload: RememberedUpload) => void;
}

/** Offers to resume an unfinished upload of the chosen file. */
export function ResumeUpload({ file, onResume }: ResumeUploadProps) {
  const known = rememberedForFile(fingerprint(file));
  if (!known) return null;
  return (
    <div role="status" className="flex flex-wrap items-center gap-4 rounded-2xl bg-accent-900 p-4">
      <History aria-hidden="true" className="size-6 shrink-0 text-accent-400" />
      <p className="min-w-56 flex-1">You started uploading this file before. The uploaded parts are still there.</p>
      <Button variant="primary" onPress={() => onResume(known)}>
        Resume upload
      </Button>
    </div>
  );
}
