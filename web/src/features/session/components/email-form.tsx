import { useMutation } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Form, textsOf } from '@/ui/form';
import { FormProblem } from '@/ui/form-problem';
import { EmailField } from './email-field';

interface EmailFormProps {
  email: string | undefined;
  action: string;
  /** Requests a code by email. */
  requestCode: (address: { email: string }) => Promise<unknown>;
  onDone: (email: string) => void;
}

/** Asks for the email address to send a code to. */
export function EmailForm({ email, action, requestCode, onDone }: EmailFormProps) {
  const attempt = useMutation({ mutationFn: requestCode, onSuccess: (_, address) => onDone(address.email) });
  const problem = attempt.error && toProblem(attempt.error);

  return (
    <Form
      className="flex flex-col gap-5"
      validationErrors={problem?.fields ?? {}}
      onSubmit={(event) => {
        event.preventDefault();
        attempt.mutate(textsOf(event.currentTarget, 'email'));
      }}
    >
      <FormProblem problem={problem} />
      <EmailField defaultValue={email ?? ''} />
      <Button type="submit" variant="primary" size="large" isPending={attempt.isPending}>
        {action}
      </Button>
    </Form>
  );
}
