import { Field } from '@/ui/field';
import { MIN_PASSWORD_LENGTH, passwordHint } from '../password';

/** The field for a new password. */
export function NewPasswordField({ label = 'Password', name = 'password' }: { label?: string; name?: string }) {
  return (
    <Field
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      hint={passwordHint}
      isRequired
      minLength={MIN_PASSWORD_LENGTH}
      maxLength={256}
    />
  );
}
