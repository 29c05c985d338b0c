import { useQuery } from '@tanstack/react-query';
import { Heart } from 'lucide-react';
import { ToggleButton } from 'react-aria-components';
import { toProblem } from '@/api/problem';
import { buttonStyle } from '@/ui/button-style';
import { ProblemAlert } from '@/ui/problem-panel';
import { engagementQuery, useLike } from '../api';

/** Likes a title, which changes what is recommended. */
export function LikeButton({ titleId }: { titleId: string }) {
  const engagement = useQuery(engagementQuery(titleId));
  const like = useLike(titleId);
  const liked = engagement.data?.liked ?? false;

  return (
    <>
      <ToggleButton
        isSelected={liked}
        onChange={(wanted) => like.mutate(wanted)}
        isDisabled={!engagement.data}
        className={buttonStyle('secondary', 'large')}
      >
        <Heart aria-hidden="true" className={`size-5 transition ${liked ? 'fill-accent-400 text-accent-400' : ''}`} />
        Like
      </ToggleButton>
      {like.isError && <ProblemAlert problem={toProblem(like.error)} />}
    </>
  );
}
