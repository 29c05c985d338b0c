import { useMutation } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { ProblemAlert } from '@/ui/problem-panel';
import { signIn } from '../api';
import { EmailField } from './email-field';

interface SignInFormProps {
  email?: string;
  /** Reports the typed email address, so that other pages can reuse it. */
  onEmailChange?: (email: string) => void;
  onDone: () => void;
}

export function SignInForm({ email, onEmailChange, onDone }: SignInFormProps) {
  const attempt = useMutation({ mutationFn: signIn, onSuccess: onDone });
  const problem = attempt.error && toProblem(attempt.error);
  const wrongCredentials = problem?.kind === 'unauthorized';

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        attempt.mutate(textsOf(event.currentTarget, 'email', 'password'));
      }}
    >
      {problem && (
        <ProblemAlert
          problem={wrongCredentials ? { ...problem, title: 'Wrong email or password', detail: checkBoth } : problem}
        />
      )}
      <EmailField defaultValue={email ?? ''} {...(onEmailChange && { onChange: onEmailChange })} />
      <Field label="Password" name="password" type="password" autoComplete="current-password" isRequired />
      <Button type="submit" variant="primary" size="large" isPending={attempt.isPending}>
        Sign in
      </Button>
    </Form>
  );
}

const checkBoth = 'Check both and try again, or choose “Forgot your password?”.';
