import { useQuery } from '@tanstack/react-query';
import { toProblem } from '@/api/problem';
import { ProblemAlert, ProblemPanel } from '@/ui/problem-panel';
import { recommenderQuery } from '../api';
import { Experiments } from './experiments';
import { Models } from './models';
import { Runs } from './runs';

/** The models, experiments and training runs. */
export function RecommenderView() {
  const recommender = useQuery(recommenderQuery);

  if (recommender.isPending) return <RecommenderSkeleton />;
  if (!recommender.data) {
    return <ProblemPanel problem={toProblem(recommender.error)} onRetry={() => recommender.refetch()} />;
  }
  return (
    <div className="flex flex-col gap-14">
      {recommender.isError && <ProblemAlert problem={toProblem(recommender.error)} />}
      <Models recommender={recommender.data} />
      <Experiments recommender={recommender.data} />
      <Runs recommender={recommender.data} />
    </div>
  );
}

function RecommenderSkeleton() {
  return (
    <div role="status" className="flex flex-col gap-5">
      <span className="sr-only">Loading the recommender</span>
      <div className="skeleton h-8 w-40 rounded" />
      <div className="grid gap-5 lg:grid-cols-2">
        <div className="skeleton h-72 rounded-2xl" />
        <div className="skeleton h-72 rounded-2xl" />
      </div>
      <div className="skeleton mt-9 h-8 w-56 rounded" />
      <div className="skeleton h-40 rounded-2xl" />
    </div>
  );
}
