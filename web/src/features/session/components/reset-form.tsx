import { useMutation } from '@tanstack/react-query';
import { problemIn } from '@/api/problem';
import { Button } from '@/ui/button';
import { ProblemNote } from '@/ui/empty-state';
import { Form, textsOf } from '@/ui/form';
import { forgotPassword, resetPassword } from '../api';
import { CodeFields, codeIn } from './code-fields';
import { NewPasswordField } from './new-password-field';

interface ResetFormProps {
  email: string | undefined;
  /** The password is set, and the account is signed in. */
  onDone: () => void;
}

/** The mailed code and the password that its holder wants. */
export function ResetForm({ email, onDone }: ResetFormProps) {
  const attempt = useMutation({ mutationFn: resetPassword, onSuccess: onDone });
  const problem = attempt.error && problemIn(attempt.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        const typed = textsOf(event.currentTarget, 'email', 'code', 'password');
        attempt.mutate({ ...typed, code: codeIn(typed.code) });
      }}
    >
      {problem && <ProblemNote problem={problem} />}
      <CodeFields email={email} resend={forgotPassword} />
      <NewPasswordField label="New password" />
      <Button type="submit" look="primary" size="large" isPending={attempt.isPending}>
        Set the password
      </Button>
    </Form>
  );
}
