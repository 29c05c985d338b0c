import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Home } from '@/features/catalog/components/home';
import { meQuery } from '@/features/session/api';
import { hasRole } from '@/features/session/rules';
import { genreName } from '@/format/genres';
import { buttonStyle } from '@/ui/button-style';
import { usePageTitle } from '@/ui/page-title';
import { AppShell } from './-app-shell';

/** The home page for signed-in users. */
export function SignedInHome({ genre }: { genre: string | undefined }) {
  const me = useQuery(meQuery);
  usePageTitle(genre && genreName(genre));
  const emptyAction = me.data && hasRole(me.data, 'creator') && (
    <Link to="/upload" className={buttonStyle('primary')}>
      Upload the first film
    </Link>
  );
  return (
    <AppShell>
      <Home genre={genre} emptyAction={emptyAction} />
    </AppShell>
  );
}
