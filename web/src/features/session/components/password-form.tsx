import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { changePassword } from '../api';
import { NewPasswordField } from './new-password-field';

/** Changes the password of a signed-in user. */
export function PasswordForm({ email }: { email: string }) {
  const [changes, setChanges] = useState(0);
  const attempt = useMutation({ mutationFn: changePassword, onSuccess: () => setChanges(changes + 1) });
  const problem = attempt.error && toProblem(attempt.error);

  return (
    <Form
      // A new key empties the fields.
      key={changes}
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        attempt.mutate({ email, ...textsOf(event.currentTarget, 'current_password', 'new_password') });
      }}
    >
      <FormProblem problem={problem} />
      <Field
        label="Current password"
        name="current_password"
        type="password"
        autoComplete="current-password"
        isRequired
      />
      <NewPasswordField label="New password" name="new_password" />
      <Button type="submit" variant="primary" isPending={attempt.isPending} className="self-start">
        Change password
      </Button>
      <p role="status" className="text-secondary">
        {attempt.isSuccess && 'Password changed. You were signed out on all other devices.'}
      </p>
    </Form>
  );
}
