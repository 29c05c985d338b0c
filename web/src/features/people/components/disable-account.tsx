import { toProblem } from '@/api/problem';
import type { Account } from '@/api/types';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { ProblemAlert } from '@/ui/problem-panel';
import { isolate } from '@/ui/user-text';
import { useStateChange } from '../api';

interface DisableAccountProps {
  account: Account;
  isOpen: boolean;
  onClose: () => void;
}

/** Disables an account, after a confirmation. */
export function DisableAccount({ account, isOpen, onClose }: DisableAccountProps) {
  const disable = useStateChange(account);
  const close = () => {
    disable.reset();
    onClose();
  };

  return (
    <Dialog
      role="alertdialog"
      title={`Disable the account of “${isolate(account.display_name)}”?`}
      isOpen={isOpen}
      onClose={close}
    >
      <p className="text-secondary">
        <span className="font-semibold break-all">{account.email}</span> is signed out on every device and cannot sign
        in again. A film that is playing stops within seconds. Published titles stay. You can enable the account at any
        time.
      </p>
      {disable.error && <ProblemAlert problem={toProblem(disable.error)} />}
      <div className="flex flex-wrap justify-end gap-3">
        <Button onPress={close}>Cancel</Button>
        <Button
          variant="danger"
          isPending={disable.isPending}
          onPress={() => disable.mutate('disabled', { onSuccess: close })}
        >
          Disable account
        </Button>
      </div>
    </Dialog>
  );
}
