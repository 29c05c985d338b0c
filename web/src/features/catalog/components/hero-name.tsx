import type { Title } from '@/api/types';
import { type NameSize, nameSize, needsTallLines, userText } from '@/ui/user-text';

const sizes: Record<NameSize, string> = {
  large: 'text-[clamp(2.75rem,8vw,6.5rem)]',
  medium: 'text-[clamp(2rem,5vw,4rem)]',
  small: 'text-[clamp(1.5rem,3.2vw,2.75rem)]',
};

/** A title's name as the largest words of a page. A long one is cut, so that the buttons below stay in sight. */
export function HeroName({ title }: { title: Title }) {
  const leading = needsTallLines(title.name) ? 'leading-[1.3]' : 'leading-[0.98]';
  return (
    <h1
      {...userText(title.language)}
      title={title.name}
      className={`line-clamp-4 max-w-full pb-[0.08em] text-left font-extrabold drop-shadow-lg [font-stretch:75%] ${sizes[nameSize(title.name)]} ${leading}`}
    >
      {title.name}
    </h1>
  );
}
