import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { toProblem } from '@/api/problem';
import { isSignedIn } from '@/api/session';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { ProblemAlert } from '@/ui/empty-state';
import { Form } from '@/ui/form';
import { LeaveGuard, useUnsavedChanges } from '@/ui/unsaved-changes';
import { createTitle } from '../api';
import { deleteDraft, loadDraft, NEW_TITLE, saveDraft } from '../draft';
import { detailsOf } from '../rules';
import { DetailsFields } from './details-fields';

interface NewTitleFormProps {
  /** The name offered, such as the file's. */
  name: string | undefined;
  onCreated: (title: Title) => void;
  /** What the button says. */
  action: string;
  /** Above the fields: where the film is chosen. */
  children: ReactNode;
}

export function NewTitleForm({ name, action, onCreated, children }: NewTitleFormProps) {
  const { isDirty, onInput, saved } = useUnsavedChanges();
  const [draft] = useState(() => loadDraft(NEW_TITLE));
  const { offered, onName } = useOfferedName(name, draft.name);
  // Whoever leaves on purpose was asked; what a session that ended left behind is wanted again.
  useEffect(() => () => void (isSignedIn() && deleteDraft(NEW_TITLE)), []);
  const creation = useMutation({
    mutationFn: createTitle,
    onSuccess: (title) => {
      saved();
      deleteDraft(NEW_TITLE);
      onCreated(title);
    },
  });
  const problem = creation.error && toProblem(creation.error);

  return (
    <Form
      className="flex flex-col gap-6"
      validationErrors={problem?.fields ?? {}}
      onInput={(event) => {
        // Who has only chosen a file leaves without a question, for example to resume its upload.
        if ((event.target as HTMLInputElement).type === 'file') return;
        onInput();
        onName(event);
        saveDraft(NEW_TITLE, detailsOf(new FormData(event.currentTarget)));
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const { language, ...details } = detailsOf(new FormData(event.currentTarget));
        // Choices are no input: they are kept now.
        saveDraft(NEW_TITLE, { language, ...details });
        creation.mutate({ ...details, ...(language && { language }) });
      }}
    >
      <LeaveGuard isDirty={isDirty} />
      {children}
      <DetailsFields details={{ ...draft, name: offered }} />
      {problem && <ProblemAlert problem={problem} />}
      <Button type="submit" variant="primary" size="large" isPending={creation.isPending}>
        {action}
      </Button>
    </Form>
  );
}

/** The name that stands in the form at first: the file's, unless a person typed one before the file was chosen. */
function useOfferedName(name: string | undefined, typedBefore = '') {
  const typed = useRef(typedBefore !== '');
  const offered = useRef(typedBefore);
  if (!typed.current) offered.current = name ?? '';
  return {
    offered: offered.current,
    onName: ({ target }: FormEvent<HTMLFormElement>) => {
      const { name: field, value } = target as unknown as { name?: string; value?: string };
      if (field === 'name') typed.current = value !== '';
    },
  };
}
