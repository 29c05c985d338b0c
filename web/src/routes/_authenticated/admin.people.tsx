import { createFileRoute, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { AccountFilter } from '@/features/people/api';
import { Accounts, accountFilters } from '@/features/people/components/accounts';
import { Requests } from '@/features/people/components/requests';
import { Button } from '@/ui/button';
import { usePageTitle } from '@/ui/page-title';

interface PeopleSearch {
  filter?: AccountFilter;
  /** The ID of the only account to show. */
  account?: string;
}

export const Route = createFileRoute('/_authenticated/admin/people')({
  validateSearch: ({ filter, account }: Record<string, unknown>): PeopleSearch => {
    if (typeof account === 'string') return { account };
    const known = accountFilters.find((kind) => kind === filter);
    return known ? { filter: known } : {};
  },
  component: PeoplePage,
});

function PeoplePage() {
  usePageTitle('People');
  const { filter = 'all', account } = Route.useSearch();
  const navigate = useNavigate({ from: Route.fullPath });
  // Not in the URL: email addresses stay out of histories and logs.
  const [email, setEmail] = useState('');
  const [typed, setTyped] = useState('');
  const clear = () => {
    setTyped('');
    setEmail('');
  };

  return (
    <>
      <h1 className="mb-6 text-4xl sm:text-5xl">People</h1>
      <Requests />
      <form
        aria-label="Accounts"
        className="mb-6 flex max-w-md items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = typed.trim();
          setEmail(wanted);
          if (wanted) void navigate({ search: {} });
        }}
      >
        <label className="min-w-0 flex-1 text-sm text-muted">
          Start of an email address
          <input
            name="email"
            type="search"
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="mt-1 block min-h-11 w-full rounded-xl border border-surface-700 bg-surface-900 px-4 text-base text-foreground"
          />
        </label>
        <Button type="submit">Search</Button>
      </form>
      <Accounts accountId={account} filter={filter} email={email} onFilter={clear} />
    </>
  );
}
