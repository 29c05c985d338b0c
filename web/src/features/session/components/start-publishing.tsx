import { toProblem } from '@/api/problem';
import type { Me } from '@/api/types';
import { Button } from '@/ui/button';
import { useStartPublishing } from '../api';

/** Lets a viewer request to become a creator, and shows a pending request. */
export function StartPublishing({ me }: { me: Me }) {
  const request = useStartPublishing();

  if (me.creator_request === 'pending') {
    return (
      <p role="status" className="text-secondary">
        You asked to become a creator. An admin will review your request; check back later.
      </p>
    );
  }
  return (
    <div className="flex flex-col items-center gap-3">
      <Button variant="primary" isPending={request.isPending} onPress={() => request.mutate()}>
        Start publishing
      </Button>
      {request.error && (
        <p role="alert" className="max-w-md text-danger-300">
          {toProblem(request.error).detail}
        </p>
      )}
    </div>
  );
}
