import { Field } from '@/ui/field';
import { passwordHint, SHORTEST_PASSWORD } from '../password';

/** A password that somebody chooses. */
export function NewPasswordField({ label = 'Password', name = 'password' }: { label?: string; name?: string }) {
  return (
    <Field
      label={label}
      name={name}
      type="password"
      autoComplete="new-password"
      hint={passwordHint}
      isRequired
      minLength={SHORTEST_PASSWORD}
      maxLength={256}
    />
  );
}
