import { useMutation } from '@tanstack/react-query';
import { type Problem, toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
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

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        attempt.mutate(textsOf(event.currentTarget, 'email', 'password'));
      }}
    >
      <FormProblem problem={problem && withAdvice(problem)} />
      <EmailField defaultValue={email ?? ''} {...(onEmailChange && { onChange: onEmailChange })} />
      <Field label="Password" name="password" type="password" autoComplete="current-password" isRequired />
      <Button type="submit" variant="primary" size="large" isPending={attempt.isPending}>
        Sign in
      </Button>
    </Form>
  );
}

/** The service does not say which of its reasons it was: that would show which addresses have accounts. */
function withAdvice(problem: Problem): Problem {
  if (problem.kind !== 'unauthorized') return problem;
  return { ...problem, title: 'Could not sign in', detail: `${problem.detail} ${advice}` };
}

const advice =
  'If you forgot your password, choose “Forgot your password?”. Only an admin can enable a disabled account.';
