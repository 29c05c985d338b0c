import { createFileRoute } from '@tanstack/react-router';
import { RecommenderView } from '@/features/recommender/components/recommender-view';
import { usePageTitle } from '@/ui/page-title';

export const Route = createFileRoute('/_authenticated/admin/recommender')({ component: RecommenderPage });

function RecommenderPage() {
  usePageTitle('Recommender');
  return (
    <>
      <h1 className="mb-8 text-4xl sm:text-5xl">Recommender</h1>
      <RecommenderView />
    </>
  );
}
