import { useMutation } from '@tanstack/react-query';
import { problemIn } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { ProblemNote } from '@/ui/panels';
import { confirm } from '../api';

interface ConfirmFormProps {
  email: string | undefined;
  onDone: (email: string) => void;
}

export function ConfirmForm({ email, onDone }: ConfirmFormProps) {
  const attempt = useMutation({ mutationFn: confirm, onSuccess: (_, proof) => onDone(proof.email) });
  const problem = attempt.error && problemIn(attempt.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        const typed = textsOf(event.currentTarget, 'email', 'code');
        attempt.mutate({ ...typed, code: typed.code.replaceAll(/\s/g, '') });
      }}
    >
      {problem && <ProblemNote problem={problem} />}
      <Field label="E-mail" name="email" type="email" autoComplete="email" isRequired defaultValue={email ?? ''} />
      <Field label="Code" name="code" autoComplete="one-time-code" inputMode="numeric" isRequired autoFocus />
      <Button type="submit" look="primary" size="large" isPending={attempt.isPending}>
        Confirm
      </Button>
    </Form>
  );
}
