import type { ReactNode } from 'react';
import type { Title } from '@/api/types';
import { visibilityNames } from '@/api/visibility';
import { archivedNote } from '../rules';

/** Who can find the title once it is published. */
const planned = { public: 'Will be public', unlisted: 'Will be unlisted', private: 'Will be private' };

/** The state of a title, who can find it, and until when an archived title can be restored. */
export function TitleStatus({ title, badge }: { title: Title; badge: ReactNode }) {
  if (title.state === 'archived') {
    return (
      <div className="min-w-0">
        {badge}
        <p className="mt-1.5 text-sm text-muted">{archivedNote(title)}</p>
      </div>
    );
  }
  return (
    <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
      {badge}
      <span className="text-sm text-muted">
        {(title.state === 'published' ? visibilityNames : planned)[title.visibility]}
      </span>
    </div>
  );
}
