import { useMutation } from '@tanstack/react-query';
import { Clapperboard, Popcorn } from 'lucide-react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { RadioCards } from '@/ui/radio-cards';
import { confirm, resendCode } from '../api';
import { CodeFields, normalizeCode } from './code-fields';
import { NewPasswordField } from './new-password-field';

interface ConfirmFormProps {
  email: string | undefined;
  /** The account exists and is signed in. */
  onDone: () => void;
}

const roles = [
  { id: 'viewer', name: 'I want to watch', note: 'Find films and watch them.', Icon: Popcorn },
  { id: 'creator', name: 'I want to publish', note: 'Upload your own films, and watch others.', Icon: Clapperboard },
];

/** Confirms the code and creates the account. */
export function ConfirmForm({ email, onDone }: ConfirmFormProps) {
  const attempt = useMutation({ mutationFn: confirm, onSuccess: onDone });
  const problem = attempt.error && toProblem(attempt.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        const typed = textsOf(event.currentTarget, 'email', 'code', 'password', 'display_name', 'role');
        const role = typed.role === 'creator' ? 'creator' : 'viewer';
        attempt.mutate({ ...typed, code: normalizeCode(typed.code), role });
      }}
    >
      <FormProblem problem={problem} />
      <CodeFields email={email} resend={resendCode} />
      <RadioCards label="What brings you here?" name="role" choices={roles} defaultValue="viewer" />
      <Field
        label="Name"
        name="display_name"
        autoComplete="name"
        hint="Others see it only with films that you publish."
        isRequired
        maxLength={64}
      />
      <NewPasswordField />
      <Button type="submit" variant="primary" size="large" isPending={attempt.isPending}>
        Create account
      </Button>
    </Form>
  );
}
