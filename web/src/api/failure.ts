import type { Title } from '@/api/types';

type Failure = NonNullable<Title['failure']>;

/** Whether a run ended because a person wanted it to: nothing is wrong with the film. */
export function isCanceled(failure: Pick<Failure, 'error'> | null | undefined): boolean {
  return failure?.error === 'Canceled';
}
