import type { ComponentProps } from 'react';
import { Field } from '@/ui/field';

/** The address of an account. */
export function EmailField(props: Pick<ComponentProps<typeof Field>, 'defaultValue' | 'value' | 'onChange'>) {
  return <Field {...props} label="E-mail" name="email" type="email" autoComplete="email" isRequired />;
}
