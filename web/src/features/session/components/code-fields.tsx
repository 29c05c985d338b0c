import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Field } from '@/ui/field';
import { useHideError } from '@/ui/form';
import { ProblemAlert } from '@/ui/problem-panel';
import { EmailField } from './email-field';

interface CodeFieldsProps {
  email: string | undefined;
  /** Requests another code. */
  resend: (address: { email: string }) => Promise<unknown>;
}

/** The email address and the code sent to it, with a button to resend the code. */
export function CodeFields({ email, resend }: CodeFieldsProps) {
  const [typed, setTyped] = useState(email ?? '');
  const hideError = useHideError();
  const another = useMutation({ mutationFn: resend, onSuccess: () => hideError('code') });

  return (
    <>
      <EmailField value={typed} onChange={setTyped} autoFocus={!email} />
      <Field
        label="Code"
        name="code"
        autoComplete="one-time-code"
        inputMode="numeric"
        isRequired
        autoFocus={Boolean(email)}
      />
      <div className="-mt-3 flex items-center gap-3 text-sm text-secondary">
        <Button
          size="small"
          isDisabled={!typed.includes('@')}
          isPending={another.isPending}
          onPress={() => another.mutate({ email: typed.trim() })}
        >
          Resend code
        </Button>
        <span role="status">{another.isSuccess && 'Sent. Only the latest code works.'}</span>
      </div>
      {another.error && <ProblemAlert problem={toProblem(another.error)} />}
    </>
  );
}

/** Removes spaces from a typed code. */
export function normalizeCode(typed: string): string {
  return typed.replaceAll(/\s/g, '');
}
