import type { Title } from '@/api/types';

type Failure = NonNullable<Title['failure']>;

/** Whether a run ended because someone canceled it. Nothing is wrong with the film then. */
export function isCanceled(failure: Pick<Failure, 'error'> | null | undefined): boolean {
  return failure?.error === 'Canceled';
}
