import { Link } from '@tanstack/react-router';
import { CloudOff, CloudUpload, TriangleAlert } from 'lucide-react';
import { isActive, useTransfers } from '../store';

/** The progress of an upload, in the header of every page. */
export function UploadIndicator() {
  const transfers = [...useTransfers().values()].map(({ transfer }) => transfer);
  const shown = transfers.find((transfer) => isActive(transfer) || transfer.state === 'failed');
  if (!shown) return null;

  const failed = shown.state === 'failed';
  const waiting = shown.state === 'waiting';
  const percent = shown.total > 0 ? Math.floor((shown.sent / shown.total) * 100) : 0;
  return (
    <Link
      to="/studio/$titleId"
      params={{ titleId: shown.titleId }}
      className={`inline-flex min-h-9 items-center gap-2 rounded-full px-3 text-sm font-semibold tabular-nums ${failed ? 'bg-danger-900 text-danger-300' : 'bg-accent-900 text-accent-400'}`}
    >
      {failed ? (
        <TriangleAlert aria-hidden="true" className="size-4" />
      ) : waiting ? (
        <CloudOff aria-hidden="true" className="size-4" />
      ) : (
        <CloudUpload aria-hidden="true" className="size-4" />
      )}
      <span className="sr-only">
        Upload of <bdi>{shown.fileName}</bdi>:{' '}
      </span>
      {failed ? 'Upload stopped' : waiting ? 'Upload waiting' : `${percent}%`}
    </Link>
  );
}
