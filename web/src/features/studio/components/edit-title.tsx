import { useState } from 'react';
import { toProblem } from '@/api/problem';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Form } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { ProblemAlert } from '@/ui/problem-panel';
import { useGuardedClose } from '@/ui/unsaved-changes';
import { isolate } from '@/ui/user-text';
import { useArchiveTitle, useChangeTitle, useDeleteTitle, useRestoreTitle } from '../api';
import { deleteDraft, loadDraft, saveDraft } from '../draft';
import { changesOf, detailsOf } from '../rules';
import { DetailsFields } from './details-fields';

interface TitleDialogProps {
  title: Title;
  isOpen: boolean;
  onClose: () => void;
}

export function EditTitle({ title, isOpen, onClose }: TitleDialogProps) {
  const change = useChangeTitle(title.title_id);
  const problem = change.error && toProblem(change.error);
  const { close, closeNow, onInput, dialog } = useGuardedClose(() => {
    change.reset();
    deleteDraft(title.title_id);
    onClose();
  });

  return (
    <Dialog title="Edit details" isOpen={isOpen} onClose={close}>
      <Form
        className="flex flex-col gap-6"
        validationErrors={problem?.fields ?? {}}
        onInput={(event) => {
          onInput();
          saveDraft(title.title_id, detailsOf(new FormData(event.currentTarget)));
        }}
        onSubmit={(event) => {
          event.preventDefault();
          const details = detailsOf(new FormData(event.currentTarget));
          const changes = changesOf(title, details);
          // Choices do not fire input events, so save them now.
          saveDraft(title.title_id, details);
          if (Object.keys(changes).length === 0) closeNow();
          else change.mutate({ ...changes, version: title.version }, { onSuccess: closeNow });
        }}
      >
        <DraftFields title={title} />
        <FormProblem problem={problem} />
        <div className="flex justify-end gap-3">
          <Button onPress={close}>Cancel</Button>
          <Button type="submit" variant="primary" isPending={change.isPending}>
            Save
          </Button>
        </div>
      </Form>
      {dialog}
    </Dialog>
  );
}

/** The title's details, with unsaved changes from before the session ended. */
function DraftFields({ title }: { title: Title }) {
  const [details] = useState(() => ({ ...title, ...loadDraft(title.title_id) }));
  return <DetailsFields details={details} />;
}

export function RestoreTitle({ title, isOpen, onClose }: TitleDialogProps) {
  const restore = useRestoreTitle(title.title_id);
  return (
    <Dialog title={`Restore “${isolate(title.name)}”?`} isOpen={isOpen} onClose={onClose}>
      <p className="text-secondary">It returns to its previous state and can be watched again within seconds.</p>
      {restore.error && <ProblemAlert problem={toProblem(restore.error)} />}
      <div className="flex justify-end gap-3">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          variant="primary"
          isPending={restore.isPending}
          onPress={() => restore.mutate(undefined, { onSuccess: onClose })}
        >
          Restore
        </Button>
      </div>
    </Dialog>
  );
}

interface DeleteTitleProps extends TitleDialogProps {
  onDeleted?: (() => void) | undefined;
}

export function DeleteTitle({ title, isOpen, onClose, onDeleted }: DeleteTitleProps) {
  const remove = useDeleteTitle(title.title_id);
  const onSuccess = () => {
    onClose();
    onDeleted?.();
  };
  return (
    <Dialog role="alertdialog" title={`Delete “${isolate(title.name)}”?`} isOpen={isOpen} onClose={onClose}>
      <p className="text-secondary">The title and its uploaded film are deleted for good.</p>
      {remove.error && <ProblemAlert problem={toProblem(remove.error)} />}
      <div className="flex justify-end gap-3">
        <Button onPress={onClose}>Cancel</Button>
        <Button variant="danger" isPending={remove.isPending} onPress={() => remove.mutate(undefined, { onSuccess })}>
          Delete
        </Button>
      </div>
    </Dialog>
  );
}

export function ArchiveTitle({ title, isOpen, onClose }: TitleDialogProps) {
  const archive = useArchiveTitle(title.title_id);
  return (
    <Dialog role="alertdialog" title={`Archive “${isolate(title.name)}”?`} isOpen={isOpen} onClose={onClose}>
      <p className="text-secondary">
        No one can watch it, and it disappears from every list except yours. You can restore it for a while; My titles
        shows until when. After that, its files are deleted.
      </p>
      {archive.error && <ProblemAlert problem={toProblem(archive.error)} />}
      <div className="flex justify-end gap-3">
        <Button onPress={onClose}>Cancel</Button>
        <Button
          variant="danger"
          isPending={archive.isPending}
          onPress={() => archive.mutate(undefined, { onSuccess: onClose })}
        >
          Archive
        </Button>
      </div>
    </Dialog>
  );
}
