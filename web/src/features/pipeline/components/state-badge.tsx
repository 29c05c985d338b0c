import type { TitleState } from '@/api/types';
import { Badge, type BadgeLook } from '@/ui/badge';
import { stateNames } from '../rules';

const looks: Record<TitleState, BadgeLook> = {
  draft: 'plain',
  uploading: 'busy',
  processing: 'busy',
  ready: 'new',
  published: 'good',
  failed: 'bad',
  archived: 'plain',
};

export function StateBadge({ state }: { state: TitleState }) {
  return <Badge look={looks[state]}>{stateNames[state]}</Badge>;
}
