import { createFileRoute, Link } from '@tanstack/react-router';
import { Upload } from 'lucide-react';
import type { Title } from '@/api/types';
import { StateBadge } from '@/features/pipeline/components/state-badge';
import { MyTitles } from '@/features/studio/components/my-titles';
import { isUploadRunning, useTransfer } from '@/features/upload/store';
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
      <MyTitles stateBadge={(title) => <OwnStateBadge title={title} />} />
    </div>
  );
}

/** The state of a title of one's own: this browser knows whether it sends the file. */
function OwnStateBadge({ title }: { title: Title }) {
  return <StateBadge title={title} isUploadRunning={isUploadRunning(useTransfer(title.title_id)?.transfer)} />;
}
