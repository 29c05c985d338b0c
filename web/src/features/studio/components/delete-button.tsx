import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { isUnpublished } from '../rules';
import { DeleteTitle } from './edit-title';

interface DeleteButtonProps {
  title: Title;
  onDeleted: () => void;
}

/** Deletes a title that was never published. Renders nothing for other titles. */
export function DeleteButton({ title, onDeleted }: DeleteButtonProps) {
  const [confirming, setConfirming] = useState(false);
  if (!isUnpublished(title)) return null;
  return (
    <div>
      <Button onPress={() => setConfirming(true)}>
        <Trash2 aria-hidden="true" className="size-4" /> Delete this title
      </Button>
      <DeleteTitle title={title} isOpen={confirming} onClose={() => setConfirming(false)} onDeleted={onDeleted} />
    </div>
  );
}
