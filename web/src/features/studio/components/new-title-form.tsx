import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemIn } from '@/api/problem';
import type { Title } from '@/api/types';
import { Button } from '@/ui/button';
import { Form } from '@/ui/form';
import { ProblemNote } from '@/ui/panels';
import { LeaveGuard, useTyped } from '@/ui/unsaved';
import { createTitle } from '../api';
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
  const creation = useMutation({
    mutationFn: createTitle,
    onSuccess: (title) => {
      saved();
      onCreated(title);
    },
  });
  const problem = creation.error && problemIn(creation.error);

  return (
    <Form
      className="flex flex-col gap-6"
      validationErrors={problem?.fields ?? {}}
      onInput={onInput}
      onSubmit={(event) => {
        event.preventDefault();
        const { language, ...details } = detailsOf(new FormData(event.currentTarget));
        creation.mutate({ ...details, ...(language && { language }) });
      }}
    >
      <LeaveGuard hasTyped={hasTyped} />
      {children}
      <DetailsFields name={name} />
      {problem && <ProblemNote problem={problem} />}
      <Button type="submit" look="primary" size="large" isPending={creation.isPending}>
        {action}
      </Button>
    </Form>
  );
}
