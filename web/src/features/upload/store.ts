/** The uploads of this tab. They run while the user visits other pages, so they are kept outside of React. */
import { useSyncExternalStore } from 'react';
import type { Problem } from '@/api/problem';
import { trackIdle } from './rules';

/** `waiting` resumes automatically when the connection or the service is back. */
export type TransferState = 'preparing' | 'sending' | 'paused' | 'waiting' | 'finishing' | 'done' | 'failed';

export interface Transfer {
  titleId: string;
  fileName: string;
  state: TransferState;
  sent: number;
  total: number;
  bytesPerSecond: number | undefined;
  problem: Problem | undefined;
  /** Whether a failed upload needs another file. */
  refusedFile: boolean;
  /** How long the upload was paused or waiting until `idleSince`, in ms. */
  idleMs: number;
  idleSince: number | undefined;
}

export interface TransferControls {
  pause(): void;
  resume(): void;
  retry(): void;
  cancel(): Promise<void>;
}

interface Entry {
  transfer: Transfer;
  controls: TransferControls;
}

let entries: ReadonlyMap<string, Entry> = new Map();
const listeners = new Set<() => void>();

export function putTransfer(transfer: Transfer, controls: TransferControls): void {
  update(new Map(entries).set(transfer.titleId, { transfer, controls }));
}

export function changeTransfer(titleId: string, change: Partial<Transfer>): void {
  const entry = entries.get(titleId);
  if (!entry) return;
  const transfer = trackIdle({ ...entry.transfer, ...change }, Date.now());
  update(new Map(entries).set(titleId, { ...entry, transfer }));
}

export function dropTransfer(titleId: string): void {
  const rest = new Map(entries);
  rest.delete(titleId);
  update(rest);
}

export function transferOf(titleId: string): Transfer | undefined {
  return entries.get(titleId)?.transfer;
}

export function useTransfer(titleId: string): Entry | undefined {
  return useSyncExternalStore(subscribe, () => entries.get(titleId));
}

/** All uploads, for the indicator in the header. */
export function useTransfers(): ReadonlyMap<string, Entry> {
  return useSyncExternalStore(subscribe, () => entries);
}

export function isActive({ state }: Transfer): boolean {
  return state !== 'done' && state !== 'failed';
}

/** Whether this browser sends the file now: not if it waits for the person or the connection. */
export function isUploadRunning(transfer: Transfer | undefined): boolean {
  return transfer !== undefined && !['paused', 'waiting', 'failed'].includes(transfer.state);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function update(next: ReadonlyMap<string, Entry>): void {
  entries = next;
  for (const listener of listeners) listener();
}

addEventListener('beforeunload', (event) => {
  if ([...entries.values()].some(({ transfer }) => isActive(transfer))) event.preventDefault();
});
