import { toProblem } from '@/api/problem';
import type { Me } from '@/api/types';
import { Button } from '@/ui/button';
import { useStartPublishing } from '../api';

/** The way from watching to publishing, and what came of asking. */
export function StartPublishing({ me }: { me: Me }) {
  const asking = useStartPublishing();

  if (me.creator_request === 'pending') {
    return (
      <p role="status" className="text-secondary">
        You have asked to publish. The people who run this Marquee decide; look again later.
      </p>
    );
  }
  return (
    <div className="flex flex-col items-center gap-3">
      <Button variant="primary" isPending={asking.isPending} onPress={() => asking.mutate()}>
        Start publishing
      </Button>
      {asking.error && (
        <p role="alert" className="max-w-md text-danger-300">
          {toProblem(asking.error).detail}
        </p>
      )}
    </div>
  );
}
