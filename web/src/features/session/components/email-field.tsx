import type { ComponentProps } from 'react';
import { Field } from '@/ui/field';

/** The email address of an account. */
export function EmailField(
  props: Pick<ComponentProps<typeof Field>, 'autoFocus' | 'defaultValue' | 'value' | 'onChange'>,
) {
  return <Field {...props} label="Email" name="email" type="email" autoComplete="email" isRequired />;
}
