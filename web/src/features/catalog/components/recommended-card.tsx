import { CircleOff, EllipsisVertical, ThumbsDown, Undo2 } from 'lucide-react';
import { toProblem } from '@/api/problem';
import type { Feedback, RecommendedTitle } from '@/api/types';
import { Button, IconButton } from '@/ui/button';
import { Menu, MenuItem } from '@/ui/menu';
import { ProblemAlert } from '@/ui/problem-panel';
import { userText } from '@/ui/user-text';
import { useFeedback } from '../api';
import { TitleCard } from './title-card';

const feedbackMessages: Record<Feedback, string> = {
  not_interested: 'We won’t recommend this again.',
  less_of_this: 'We’ll recommend fewer films like this.',
};

/** A recommended title with its reason and a menu for feedback. */
export function RecommendedCard({ item }: { item: RecommendedTitle }) {
  const { title, reason, progress } = item;
  const feedback = useFeedback(title.title_id);
  // Optimistic: the user can undo it, and sees an error if sending fails.
  const sent = feedback.isError ? undefined : feedback.variables;

  if (sent) {
    return (
      <div
        role="status"
        className="flex aspect-video animate-fade flex-col justify-center gap-3 rounded-2xl bg-surface-850 p-5"
      >
        <p>
          <span {...userText(title.language)} className="line-clamp-2 font-semibold">
            {title.name}
          </span>
          <span className="text-sm text-secondary">{feedbackMessages[sent]}</span>
        </p>
        <div>
          <Button size="small" autoFocus onPress={() => feedback.mutate(null)}>
            <Undo2 aria-hidden="true" className="size-4" /> Undo
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="group/recommended relative">
      <TitleCard title={title} reason={reason} {...(progress && { progress: progress.share })} />
      <div className="absolute top-2 right-2 opacity-0 transition-opacity group-focus-within/recommended:opacity-100 group-hover/recommended:opacity-100 pointer-coarse:opacity-100 has-[[aria-expanded=true]]:opacity-100">
        <Menu
          label={`Options for ${title.name}`}
          trigger={
            <IconButton
              label={`Options for ${title.name}`}
              className="bg-surface-950/70 backdrop-blur hover:bg-surface-950/90"
            >
              <EllipsisVertical aria-hidden="true" className="size-5" />
            </IconButton>
          }
        >
          <MenuItem name="Not interested" onAction={() => feedback.mutate('not_interested')}>
            <CircleOff aria-hidden="true" className="size-4 text-muted" /> Not interested
          </MenuItem>
          <MenuItem name="Less like this" onAction={() => feedback.mutate('less_of_this')}>
            <ThumbsDown aria-hidden="true" className="size-4 text-muted" /> Less like this
          </MenuItem>
        </Menu>
      </div>
      {feedback.isError && <ProblemAlert problem={toProblem(feedback.error)} />}
    </div>
  );
}
