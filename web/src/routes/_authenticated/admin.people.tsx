import { createFileRoute, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { AccountFilter } from '@/features/people/api';
import { Accounts, accountFilters } from '@/features/people/components/accounts';
import { Requests } from '@/features/people/components/requests';
import { Button } from '@/ui/button';
import { usePageTitle } from '@/ui/page-title';

interface PeopleSearch {
  filter?: AccountFilter;
}

export const Route = createFileRoute('/_authenticated/admin/people')({
  validateSearch: ({ filter }: Record<string, unknown>): PeopleSearch => {
    const known = accountFilters.find((kind) => kind === filter);
    return known ? { filter: known } : {};
  },
  component: PeoplePage,
});

function PeoplePage() {
  usePageTitle('People');
  const { filter = 'all' } = Route.useSearch();
  const navigate = useNavigate({ from: Route.fullPath });
  // Not in the URL: email addresses stay out of histories and logs.
  const [email, setEmail] = useState('');

  return (
    <>
      <h1 className="mb-6 text-4xl sm:text-5xl">People</h1>
      <Requests />
      <form
        aria-label="Accounts"
        className="mb-6 flex max-w-md gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = String(new FormData(event.currentTarget).get('email') ?? '').trim();
          setEmail(wanted);
          if (wanted) void navigate({ search: {} });
        }}
      >
        <input
          name="email"
          type="search"
          autoComplete="off"
          aria-label="Start of an email address"
          placeholder="ada@"
          className="min-h-11 min-w-0 flex-1 rounded-xl border border-surface-700 bg-surface-900 px-4"
        />
        <Button type="submit">Search</Button>
      </form>
      <Accounts filter={filter} email={email} />
    </>
  );
}
