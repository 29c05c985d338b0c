import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { toProblem } from '@/api/problem';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/problem-panel';

interface ConfirmChangeProps<T> {
  title: string;
  /** The text of the button that makes the change. */
  action: string;
  variant?: 'primary' | 'danger';
  mutation: UseMutationResult<undefined, Error, T>;
  change: NoInfer<T>;
  isOpen: boolean;
  onClose: () => void;
  /** What the change means. */
  children: ReactNode;
}

/** Asks before an account is changed, and shows why the service refused it. */
export function ConfirmChange<T>(props: ConfirmChangeProps<T>) {
  const { title, action, variant = 'danger', mutation, change, isOpen, onClose, children } = props;
  const close = () => {
    mutation.reset();
    onClose();
  };

  return (
    <Dialog role="alertdialog" title={title} isOpen={isOpen} onClose={close}>
      <p className="text-secondary">{children}</p>
      {mutation.error && <ProblemAlert problem={toProblem(mutation.error)} />}
      <div className="flex flex-wrap justify-end gap-3">
        <Button onPress={close}>Cancel</Button>
        <Button
          variant={variant}
          isPending={mutation.isPending}
          onPress={() => mutation.mutate(change, { onSuccess: close })}
        >
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
