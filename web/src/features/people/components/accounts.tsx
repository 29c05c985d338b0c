import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { EllipsisVertical, UsersRound } from 'lucide-react';
import { useState } from 'react';
import { toProblem } from '@/api/problem';
import type { Account } from '@/api/types';
import { relativeTime } from '@/format/time';
import { IconButton } from '@/ui/button';
import { EmptyState } from '@/ui/empty-state';
import { filterChipStyle } from '@/ui/filter-chip-style';
import { Menu, MenuItem } from '@/ui/menu';
import { ProblemPanel } from '@/ui/problem-panel';
import { ShowMore } from '@/ui/show-more';
import { type AccountFilter, accountQuery, accountsQuery, useRoleChange, useStateChange } from '../api';
import { accountStatus } from '../rules';
import { ChangeRole } from './change-role';
import { DisableAccount } from './disable-account';

const names: Record<AccountFilter, string> = {
  all: 'All',
  creators: 'Creators',
  admins: 'Admins',
  disabled: 'Disabled',
};

export const accountFilters = Object.keys(names) as AccountFilter[];

interface AccountsProps {
  /** The ID of the only account to show. */
  accountId?: string | undefined;
  filter: AccountFilter;
  /** The start of an email address, which is searched instead of the filter. */
  email: string;
  /** Called when a filter is chosen. */
  onFilter: () => void;
}

/** The accounts of this installation. */
export function Accounts({ accountId, filter, email, onFilter }: AccountsProps) {
  return (
    <>
      <nav aria-label="Filter accounts" className="mb-6">
        <ul className="flex flex-wrap gap-2">
          {accountFilters.map((each) => (
            <li key={each}>
              <Link
                to="/admin/people"
                search={{ filter: each }}
                onClick={onFilter}
                aria-current={each === filter && !email && !accountId ? 'page' : undefined}
                className={filterChipStyle}
              >
                {names[each]}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {accountId ? <SingleAccount accountId={accountId} /> : <AccountList filter={filter} email={email} />}
    </>
  );
}

function SingleAccount({ accountId }: { accountId: string }) {
  const account = useQuery(accountQuery(accountId));
  if (account.isPending) return <AccountsSkeleton />;
  if (!account.data) return <ProblemPanel problem={toProblem(account.error)} onRetry={() => account.refetch()} />;
  return (
    <ul className={listStyle}>
      <AccountRow account={account.data} />
    </ul>
  );
}

function AccountList({ filter, email }: { filter: AccountFilter; email: string }) {
  const accounts = useInfiniteQuery(accountsQuery(filter, email));

  if (accounts.isPending) return <AccountsSkeleton />;
  if (!accounts.data) return <ProblemPanel problem={toProblem(accounts.error)} onRetry={() => accounts.refetch()} />;

  const items = accounts.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <EmptyState icon={<UsersRound aria-hidden="true" className="size-7" />} title="No accounts">
        <p className="text-muted">
          {email ? `No email address starts with “${email}”.` : 'Accounts matching this filter appear here.'}
        </p>
      </EmptyState>
    );
  }
  return (
    <>
      <ul className={listStyle}>
        {items.map((account) => (
          <AccountRow key={account.account_id} account={account} />
        ))}
      </ul>
      <ShowMore query={accounts} />
    </>
  );
}

const listStyle = 'divide-y divide-surface-800 rounded-2xl border border-surface-800';

function AccountsSkeleton() {
  return <div role="status" aria-label="Loading accounts" className="skeleton h-64 rounded-2xl" />;
}

function AccountRow({ account }: { account: Account }) {
  const roles = useRoleChange(account);
  const state = useStateChange(account);
  const problem = roles.error ?? state.error;

  return (
    <li className="flex flex-wrap items-center gap-x-5 gap-y-1 px-5 py-3.5">
      <div className="min-w-0 flex-1 sm:basis-56">
        <bdi className="block truncate text-left font-semibold">{account.display_name}</bdi>
        <span className="block truncate text-sm text-secondary">{account.email}</span>
      </div>
      <div className="flex gap-x-5 text-sm max-sm:order-last max-sm:basis-full">
        <span className={account.state === 'disabled' ? 'text-danger-300' : 'text-secondary'}>
          {accountStatus(account)}
        </span>
        <span className="whitespace-nowrap text-muted">joined {relativeTime(account.created_at, Date.now())}</span>
      </div>
      <AccountActions account={account} roles={roles} state={state} />
      {problem && (
        <p role="alert" className="basis-full text-sm text-danger-300">
          {toProblem(problem).detail}
        </p>
      )}
    </li>
  );
}

interface ActionsProps {
  account: Account;
  roles: ReturnType<typeof useRoleChange>;
  state: ReturnType<typeof useStateChange>;
}

function AccountActions({ account, roles, state }: ActionsProps) {
  const [disabling, setDisabling] = useState(false);
  const [asked, setAsked] = useState<'creator' | 'admin'>();
  const has = (role: 'creator' | 'admin') => account.roles.includes(role);
  const disabled = account.state === 'disabled';

  return (
    <>
      <Menu
        label={`Change ${account.display_name}`}
        trigger={
          <IconButton label={`Change ${account.display_name}`} isDisabled={roles.isPending || state.isPending}>
            <EllipsisVertical aria-hidden="true" className="size-5" />
          </IconButton>
        }
      >
        <MenuItem
          name="Creator"
          onAction={() => (has('creator') ? setAsked('creator') : roles.mutate({ role: 'creator', granted: true }))}
        >
          {has('creator') ? 'Remove creator role' : 'Make creator'}
        </MenuItem>
        <MenuItem name="Admin" onAction={() => setAsked('admin')}>
          {has('admin') ? 'Remove admin role' : 'Make admin'}
        </MenuItem>
        <MenuItem name="State" onAction={() => (disabled ? state.mutate('active') : setDisabling(true))}>
          {disabled ? 'Enable account' : 'Disable account'}
        </MenuItem>
      </Menu>
      <ChangeRole
        account={account}
        role={asked ?? 'creator'}
        isOpen={asked !== undefined}
        onClose={() => setAsked(undefined)}
      />
      <DisableAccount account={account} isOpen={disabling} onClose={() => setDisabling(false)} />
    </>
  );
}
