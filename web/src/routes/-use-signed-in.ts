import { useSyncExternalStore } from 'react';
import { isSignedIn, onSessionChange } from '@/api/session';

export function useSignedIn(): boolean {
  return useSyncExternalStore(onSessionChange, isSignedIn);
}
