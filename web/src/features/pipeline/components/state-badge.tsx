import { isCanceled } from '@/api/failure';
import type { Title, TitleState } from '@/api/types';
import { Badge, type BadgeLook } from '@/ui/badge';
import { stateName } from '../rules';

const looks: Record<TitleState, BadgeLook> = {
  draft: 'plain',
  uploading: 'busy',
  processing: 'busy',
  ready: 'new',
  published: 'good',
  failed: 'bad',
  archived: 'plain',
};

export function StateBadge({ title }: { title: Pick<Title, 'state' | 'failure'> }) {
  const canceled = title.state === 'failed' && isCanceled(title.failure);
  return <Badge look={canceled ? 'plain' : looks[title.state]}>{stateName(title)}</Badge>;
}
