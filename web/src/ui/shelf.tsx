import { ChevronLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useId, useRef, useState } from 'react';
import { IconButton } from './button';

interface ShelfProps {
  title: string;
  /** Next to the title, such as a link. */
  aside?: ReactNode;
  children: ReactNode[];
}

/** A row of cards that scrolls horizontally: by wheel, touch, arrow buttons or keyboard focus. */
export function Shelf({ title, aside, children }: ShelfProps) {
  const heading = useId();
  const list = useRef<HTMLUListElement>(null);
  const [more, setMore] = useState({ before: false, after: false });

  const updateArrows = useCallback(() => {
    const element = list.current;
    if (!element) return;
    const end = element.scrollLeft + element.clientWidth;
    setMore({ before: element.scrollLeft > 8, after: end < element.scrollWidth - 8 });
  }, []);

  useEffect(() => {
    const element = list.current;
    if (!element) return;
    const observer = new ResizeObserver(updateArrows);
    observer.observe(element);
    return () => observer.disconnect();
  }, [updateArrows]);

  const scroll = (direction: 1 | -1) => {
    const element = list.current;
    element?.scrollBy({ left: direction * element.clientWidth * 0.85, behavior: 'smooth' });
  };

  return (
    <section aria-labelledby={heading} className="group/shelf relative">
      <div className="gutter mb-3 flex items-baseline justify-between gap-4">
        <h2 id={heading} className="min-w-0 text-xl sm:text-2xl">
          {title}
        </h2>
        {aside}
      </div>
      <div className="relative">
        <ul
          ref={list}
          onScroll={updateArrows}
          className="gutter hide-scrollbar flex snap-x gap-4 overflow-x-auto scroll-px-[clamp(1rem,4vw,4rem)] py-3"
        >
          {children}
        </ul>
        <Arrow side="left" visible={more.before} onPress={() => scroll(-1)} label={`Previous in ${title}`} />
        <Arrow side="right" visible={more.after} onPress={() => scroll(1)} label={`Next in ${title}`} />
      </div>
    </section>
  );
}

interface ArrowProps {
  side: 'left' | 'right';
  visible: boolean;
  label: string;
  onPress: () => void;
}

function Arrow({ side, visible, label, onPress }: ArrowProps) {
  if (!visible) return null;
  const Icon = side === 'left' ? ChevronLeft : ChevronRight;
  const position = side === 'left' ? 'left-0 bg-linear-to-r' : 'right-0 bg-linear-to-l';
  return (
    <div
      className={`pointer-events-none absolute inset-y-0 hidden w-20 items-center justify-center from-surface-950 to-transparent opacity-0 transition-opacity group-focus-within/shelf:opacity-100 group-hover/shelf:opacity-100 sm:flex ${position}`}
    >
      {/* Keyboard users reach the cards themselves, so the arrows are not tab stops. */}
      <IconButton
        label={label}
        onPress={onPress}
        excludeFromTabOrder
        className="pointer-events-auto bg-surface-950/70 shadow-card backdrop-blur"
      >
        <Icon aria-hidden="true" className="size-6" />
      </IconButton>
    </div>
  );
}
