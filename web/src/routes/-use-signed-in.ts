import { useSyncExternalStore } from 'react';
import { onSessionChange, signedIn } from '@/api/session';

export function useSignedIn(): boolean {
  return useSyncExternalStore(onSessionChange, signedIn);
}
