import type { Account } from '@/api/types';
import { isolate } from '@/ui/user-text';
import { useRoleChange } from '../api';
import { ConfirmChange } from './confirm-change';

interface ChangeRoleProps {
  account: Account;
  role: 'creator' | 'admin';
  isOpen: boolean;
  onClose: () => void;
}

const meaning = {
  grant: {
    creator: 'They can upload films and publish them.',
    admin: 'Admins can see and change every title and every account, and make others admins.',
  },
  take: {
    creator: 'They can upload and publish nothing any more. What they published stays.',
    admin: 'Within seconds they see and change only what is theirs.',
  },
};

/** Gives an account a role, or takes it away, after a confirmation. */
export function ChangeRole({ account, role, isOpen, onClose }: ChangeRoleProps) {
  const granted = !account.roles.includes(role);
  const name = isolate(account.display_name);

  return (
    <ConfirmChange
      title={
        granted
          ? `Make “${name}” ${role === 'admin' ? 'an admin' : 'a creator'}?`
          : `Take the ${role} role from “${name}”?`
      }
      action={granted ? `Make ${role}` : `Remove ${role} role`}
      variant={granted ? 'primary' : 'danger'}
      mutation={useRoleChange(account)}
      change={{ role, granted }}
      isOpen={isOpen}
      onClose={onClose}
    >
      {meaning[granted ? 'grant' : 'take'][role]}
    </ConfirmChange>
  );
}
