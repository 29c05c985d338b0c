import { createFileRoute, Link } from '@tanstack/react-router';
import { Upload } from 'lucide-react';
import { StateBadge } from '@/features/pipeline/components/state-badge';
import { MyTitles } from '@/features/studio/components/my-titles';
import { buttonStyle } from '@/ui/button-style';
import { usePageTitle } from '@/ui/page-title';
import { RequireRole } from '../-require-role';

export const Route = createFileRoute('/_authenticated/studio/')({
  component: () => (
    <RequireRole allow="creator">
      <StudioPage />
    </RequireRole>
  ),
});

function StudioPage() {
  usePageTitle('My titles');
  return (
    <div className="gutter mx-auto max-w-6xl pt-28">
      <div className="mb-8 flex flex-wrap items-center justify-between gap-4">
        <h1 className="text-4xl sm:text-5xl">My titles</h1>
        <Link to="/upload" className={buttonStyle('primary')}>
          <Upload aria-hidden="true" className="size-4" /> Upload a film
        </Link>
      </div>
      <MyTitles stateBadge={(title) => <StateBadge title={title} />} />
    </div>
  );
}
