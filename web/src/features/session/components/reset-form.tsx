import { useMutation } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { forgotPassword, resetPassword } from '../api';
import { CodeFields, normalizeCode } from './code-fields';
import { NewPasswordField } from './new-password-field';

interface ResetFormProps {
  email: string | undefined;
  /** The password is set and the account is signed in. */
  onDone: () => void;
}

/** Sets a new password with a code. */
export function ResetForm({ email, onDone }: ResetFormProps) {
  const attempt = useMutation({ mutationFn: resetPassword, onSuccess: onDone });
  const problem = attempt.error && toProblem(attempt.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        const typed = textsOf(event.currentTarget, 'email', 'code', 'password');
        attempt.mutate({ ...typed, code: normalizeCode(typed.code) });
      }}
    >
      <FormProblem problem={problem} />
      <CodeFields email={email} resend={forgotPassword} />
      <NewPasswordField label="New password" />
      <Button type="submit" variant="primary" size="large" isPending={attempt.isPending}>
        Set password
      </Button>
    </Form>
  );
}
