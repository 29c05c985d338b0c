import { Archive, EllipsisVertical, Pencil, RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Title } from '@/api/types';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem } from '@/ui/menu';
import { canEdit, canRestore, isUnpublished } from '../rules';
import { ArchiveTitle, DeleteTitle, EditTitle, RestoreTitle } from './edit-title';

interface TitleMenuProps {
  title: Title;
  /** Called after the title was deleted for good. */
  onDeleted?: (() => void) | undefined;
}

/** The owner’s actions for a title, with their dialogs. */
export function TitleMenu({ title, onDeleted }: TitleMenuProps) {
  const [open, setOpen] = useState<'edit' | 'archive' | 'restore' | 'delete'>();
  const close = () => setOpen(undefined);
  if (!canEdit(title) && !canRestore(title)) return null;

  return (
    <>
      <Menu
        label={`Actions for ${title.name}`}
        trigger={
          <IconButton label={`Actions for ${title.name}`}>
            <EllipsisVertical aria-hidden="true" className="size-5" />
          </IconButton>
        }
      >
        {canEdit(title) && (
          <MenuItem name="Edit details" onAction={() => setOpen('edit')}>
            <Pencil aria-hidden="true" className="size-4 text-muted" /> Edit details
          </MenuItem>
        )}
        {canRestore(title) && (
          <MenuItem name="Restore" onAction={() => setOpen('restore')}>
            <RotateCcw aria-hidden="true" className="size-4 text-muted" /> Restore
          </MenuItem>
        )}
        {canEdit(title) && !isUnpublished(title) && (
          <MenuItem name="Archive" onAction={() => setOpen('archive')}>
            <Archive aria-hidden="true" className="size-4 text-muted" /> Archive
          </MenuItem>
        )}
        {isUnpublished(title) && (
          <MenuItem name="Delete" onAction={() => setOpen('delete')}>
            <Trash2 aria-hidden="true" className="size-4 text-muted" /> Delete
          </MenuItem>
        )}
      </Menu>
      <EditTitle title={title} isOpen={open === 'edit'} onClose={close} />
      <ArchiveTitle title={title} isOpen={open === 'archive'} onClose={close} />
      <RestoreTitle title={title} isOpen={open === 'restore'} onClose={close} />
      <DeleteTitle title={title} isOpen={open === 'delete'} onClose={close} onDeleted={onDeleted} />
    </>
  );
}
