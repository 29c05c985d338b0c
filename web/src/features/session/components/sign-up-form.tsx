import { useMutation } from '@tanstack/react-query';
import { Clapperboard, Popcorn } from 'lucide-react';
import { problemIn } from '@/api/problem';
import { Button } from '@/ui/button';
import { CardChoice } from '@/ui/card-choice';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { ProblemNote } from '@/ui/panels';
import { signUp } from '../api';

interface SignUpFormProps {
  /** The account exists; a code is on its way to this address. */
  onDone: (email: string) => void;
}

const roles = [
  { id: 'viewer', name: 'I want to watch', note: 'Find films and watch them.', Picture: Popcorn },
  { id: 'creator', name: 'I want to publish', note: 'Upload films of your own, and watch.', Picture: Clapperboard },
];

export function SignUpForm({ onDone }: SignUpFormProps) {
  const attempt = useMutation({ mutationFn: signUp, onSuccess: (_, account) => onDone(account.email) });
  const problem = attempt.error && problemIn(attempt.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        const { role, ...account } = textsOf(event.currentTarget, 'email', 'password', 'display_name', 'role');
        attempt.mutate({ ...account, role: role === 'creator' ? 'creator' : 'viewer' });
      }}
    >
      {problem && <ProblemNote problem={problem} />}
      <CardChoice label="What brings you here?" name="role" choices={roles} defaultValue="viewer" />
      <Field
        label="Name"
        name="display_name"
        autoComplete="name"
        hint="Shown beside what you publish."
        isRequired
        maxLength={64}
      />
      <Field label="E-mail" name="email" type="email" autoComplete="email" isRequired />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        hint="At least 10 characters, with capital and small letters and a digit."
        isRequired
        minLength={10}
      />
      <Button type="submit" look="primary" size="large" isPending={attempt.isPending}>
        Create account
      </Button>
    </Form>
  );
}
