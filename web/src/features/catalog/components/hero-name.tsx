import type { Title } from '@/api/types';
import { type NameSize, nameSize, needsTallLines, userText } from '@/ui/user-text';

const sizes: Record<NameSize, string> = {
  large: 'text-[clamp(2.75rem,8vw,6.5rem)]',
  medium: 'text-[clamp(2rem,5vw,4rem)]',
  small: 'text-[clamp(1.5rem,3.2vw,2.75rem)]',
};

/** The title's name as the page's heading. Long names are truncated to keep the buttons below in view. */
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
