import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { problemIn } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { ProblemNote } from '@/ui/panels';
import { signIn } from '../api';

interface SignInFormProps {
  email?: string;
  onDone: () => void;
  /** The account's address was never confirmed. */
  onUnconfirmed: (email: string) => void;
}

export function SignInForm({ email, onDone, onUnconfirmed }: SignInFormProps) {
  const [typed, setTyped] = useState(email ?? '');
  const attempt = useMutation({ mutationFn: signIn, onSuccess: onDone });
  const problem = attempt.error && problemIn(attempt.error);
  const refused = problem?.kind === 'unauthorized';

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
        <ProblemNote problem={refused ? { ...problem, title: 'That did not match', detail: wrongPassword } : problem} />
      )}
      {problem?.kind === 'conflict' && (
        <Button look="quiet" onPress={() => onUnconfirmed(typed)}>
          Enter the code we mailed
        </Button>
      )}
      <Field
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        isRequired
        value={typed}
        onChange={setTyped}
      />
      <Field label="Password" name="password" type="password" autoComplete="current-password" isRequired />
      <Button type="submit" look="primary" size="large" isPending={attempt.isPending}>
        Sign in
      </Button>
    </Form>
  );
}

const wrongPassword = 'The e-mail address or the password is not right. Check both and try again.';
