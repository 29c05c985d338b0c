import type { Failure } from '@/api/types';

/** Whether a run ended because someone canceled it. Nothing is wrong with the film then. */
export function isCanceled(failure: Pick<Failure, 'error'> | null | undefined): boolean {
  return failure?.error === 'Canceled';
}
