import type { Account } from '@/api/types';
import { isolate } from '@/ui/user-text';
import { useStateChange } from '../api';
import { ConfirmChange } from './confirm-change';

interface DisableAccountProps {
  account: Account;
  isOpen: boolean;
  onClose: () => void;
}

/** Disables an account, after a confirmation. */
export function DisableAccount({ account, isOpen, onClose }: DisableAccountProps) {
  return (
    <ConfirmChange
      title={`Disable the account of “${isolate(account.display_name)}”?`}
      action="Disable account"
      mutation={useStateChange(account)}
      change="disabled"
      isOpen={isOpen}
      onClose={onClose}
    >
      <span className="font-semibold break-all">{account.email}</span> is signed out on every device and cannot sign in
      again. A film that is playing stops within seconds. Published titles stay. You can enable the account at any time.
    </ConfirmChange>
  );
}
