import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { toProblem } from '@/api/problem';
import { isSignedIn } from '@/api/session';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { Form } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { LeaveGuard, useUnsavedChanges } from '@/ui/unsaved-changes';
import { createTitle } from '../api';
import { deleteDraft, loadDraft, NEW_TITLE, saveDraft } from '../draft';
import { detailsOf } from '../rules';
import { DetailsFields } from './details-fields';

interface NewTitleFormProps {
  /** The suggested name, such as the file's. */
  name: string | undefined;
  onCreated: (title: Title) => void;
  /** The label of the submit button. */
  action: string;
  /** Above the fields: the file chooser. */
  children: ReactNode;
}

export function NewTitleForm({ name, action, onCreated, children }: NewTitleFormProps) {
  const { isDirty, onInput, saved } = useUnsavedChanges();
  const [draft] = useState(() => loadDraft(NEW_TITLE));
  const { suggested, onName } = useSuggestedName(name, draft.name);
  // Keep the draft only if the session expired: users who leave on purpose were asked to discard it.
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
        // A chosen file alone needs no confirmation before leaving, for example to resume its upload.
        if ((event.target as HTMLInputElement).type === 'file') return;
        onInput();
        onName(event);
        saveDraft(NEW_TITLE, detailsOf(new FormData(event.currentTarget)));
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const { language, ...details } = detailsOf(new FormData(event.currentTarget));
        // Choices do not fire input events, so save them now.
        saveDraft(NEW_TITLE, { language, ...details });
        creation.mutate({ ...details, ...(language && { language }) });
      }}
    >
      <LeaveGuard isDirty={isDirty} />
      {children}
      <DetailsFields details={{ ...draft, name: suggested }} />
      <FormProblem problem={problem} />
      <Button type="submit" variant="primary" size="large" isPending={creation.isPending}>
        {action}
      </Button>
    </Form>
  );
}

/** The initial name: the file's, unless the user typed one before choosing the file. */
function useSuggestedName(name: string | undefined, typedBefore = '') {
  const typed = useRef(typedBefore !== '');
  const suggested = useRef(typedBefore);
  if (!typed.current) suggested.current = name ?? '';
  return {
    suggested: suggested.current,
    onName: ({ target }: FormEvent<HTMLFormElement>) => {
      const { name: field, value } = target as unknown as { name?: string; value?: string };
      if (field === 'name') typed.current = value !== '';
    },
  };
}
