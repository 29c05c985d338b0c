import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { ProblemAlert } from '@/ui/empty-state';
import { Field } from '@/ui/field';
import { EmailField } from './email-field';

interface CodeFieldsProps {
  email: string | undefined;
  /** Asks the service to mail another code. */
  resend: (address: { email: string }) => Promise<unknown>;
}

/** The address and the code that was mailed to it, with a way to another code. */
export function CodeFields({ email, resend }: CodeFieldsProps) {
  const [typed, setTyped] = useState(email ?? '');
  const another = useMutation({ mutationFn: resend });

  return (
    <>
      <EmailField value={typed} onChange={setTyped} />
      <Field label="Code" name="code" autoComplete="one-time-code" inputMode="numeric" isRequired autoFocus />
      <div className="-mt-3 flex items-center gap-3 text-sm text-secondary">
        <Button
          size="small"
          isDisabled={!typed.includes('@')}
          isPending={another.isPending}
          onPress={() => another.mutate({ email: typed.trim() })}
        >
          Send the code again
        </Button>
        <span role="status">{another.isSuccess && 'Sent. Only the newest code counts.'}</span>
      </div>
      {another.error && <ProblemAlert problem={toProblem(another.error)} />}
    </>
  );
}

/** The digits that were typed, however they were grouped. */
export function normalizeCode(typed: string): string {
  return typed.replaceAll(/\s/g, '');
}
