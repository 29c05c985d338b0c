import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { problemIn } from '@/api/problem';
import { signedIn } from '@/api/session';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { Form } from '@/ui/form';
import { ProblemNote } from '@/ui/panels';
import { LeaveGuard, useTyped } from '@/ui/unsaved';
import { createTitle } from '../api';
import { dropDraft, keepDraft, keptDraft } from '../draft';
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
  const { hasTyped, onInput, saved } = useTyped();
  const [draft] = useState(keptDraft);
  // Whoever leaves on purpose was asked; what a session that ended left behind is wanted again.
  useEffect(() => () => void (signedIn() && dropDraft()), []);
  const creation = useMutation({
    mutationFn: createTitle,
    onSuccess: (title) => {
      saved();
      dropDraft();
      onCreated(title);
    },
  });
  const problem = creation.error && problemIn(creation.error);

  return (
    <Form
      className="flex flex-col gap-6"
      validationErrors={problem?.fields ?? {}}
      onInput={(event) => {
        onInput();
        keepDraft(detailsOf(new FormData(event.currentTarget)));
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const { language, ...details } = detailsOf(new FormData(event.currentTarget));
        creation.mutate({ ...details, ...(language && { language }) });
      }}
    >
      <LeaveGuard hasTyped={hasTyped} />
      {children}
      <DetailsFields name={name ?? draft.name} description={draft.description} />
      {problem && <ProblemNote problem={problem} />}
      <Button type="submit" look="primary" size="large" isPending={creation.isPending}>
        {action}
      </Button>
    </Form>
  );
}
