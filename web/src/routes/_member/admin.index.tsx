import { createFileRoute } from '@tanstack/react-router';
import { useState } from 'react';
import type { Title, TitleState } from '@/api/types';
import { Pipelines } from '@/features/admin/components/pipelines';
import { RedriveForm } from '@/features/pipeline/components/redrive-form';
import { TimelineView } from '@/features/pipeline/components/timeline-view';
import { stateNames } from '@/features/pipeline/rules';
import { Sheet } from '@/ui/dialog';
import { usePageTitle } from '@/ui/page-title';

interface AdminSearch {
  state?: TitleState;
}

export const Route = createFileRoute('/_member/admin/')({
  validateSearch: ({ state }: Record<string, unknown>): AdminSearch =>
    typeof state === 'string' && state in stateNames ? { state: state as TitleState } : {},
  component: AdminPage,
});

function AdminPage() {
  usePageTitle('Pipelines');
  const { state = 'processing' } = Route.useSearch();
  const [opened, setOpened] = useState<Title>();

  return (
    <>
      <h1 className="mb-6 text-4xl sm:text-5xl">Pipelines</h1>
      <Pipelines state={state} stateNames={stateNames} onOpen={setOpened} />
      <Sheet title={opened?.name ?? ''} isOpen={opened !== undefined} onClose={() => setOpened(undefined)}>
        {opened && (
          <div className="flex flex-col gap-8">
            <TimelineView titleId={opened.title_id} />
            <RedriveForm titleId={opened.title_id} />
          </div>
        )}
      </Sheet>
    </>
  );
}
