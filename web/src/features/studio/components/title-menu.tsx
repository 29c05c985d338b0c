import { Archive, EllipsisVertical, Pencil } from 'lucide-react';
import { useState } from 'react';
import type { Title } from '@/api/types';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem } from '@/ui/menu';
import { canEdit } from '../rules';
import { ArchiveTitle, EditTitle } from './edit-title';

/** What an owner can do with a title, with the dialogs that it takes. */
export function TitleMenu({ title }: { title: Title }) {
  const [open, setOpen] = useState<'edit' | 'archive'>();
  const close = () => setOpen(undefined);
  if (!canEdit(title)) return null;

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
        <MenuItem name="Edit details" onAction={() => setOpen('edit')}>
          <Pencil aria-hidden="true" className="size-4 text-ink-400" /> Edit details
        </MenuItem>
        <MenuItem name="Archive" onAction={() => setOpen('archive')}>
          <Archive aria-hidden="true" className="size-4 text-ink-400" /> Archive
        </MenuItem>
      </Menu>
      <EditTitle title={title} isOpen={open === 'edit'} onClose={close} />
      <ArchiveTitle title={title} isOpen={open === 'archive'} onClose={close} />
    </>
  );
}
