import { isCanceled } from '@/api/failure';
import type { Title, TitleState } from '@/api/types';
import { Badge, type BadgeVariant } from '@/ui/badge';
import { stateName } from '../rules';

const variants: Record<TitleState, BadgeVariant> = {
  draft: 'neutral',
  uploading: 'info',
  processing: 'info',
  ready: 'accent',
  published: 'success',
  failed: 'danger',
  archived: 'neutral',
};

interface StateBadgeProps {
  title: Pick<Title, 'state' | 'failure'>;
  /** Whether the file is being sent here. */
  isUploadRunning?: boolean | undefined;
}

export function StateBadge({ title, isUploadRunning }: StateBadgeProps) {
  const canceled = title.state === 'failed' && isCanceled(title.failure);
  return <Badge variant={canceled ? 'neutral' : variants[title.state]}>{stateName(title, isUploadRunning)}</Badge>;
}
