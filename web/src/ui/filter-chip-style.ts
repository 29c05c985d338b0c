/** The classes of a link that filters a list. `aria-current` marks the chosen one. */
export const filterChipStyle =
  'inline-flex min-h-10 items-center rounded-full bg-surface-850 px-4 text-sm font-semibold text-secondary transition hover:bg-surface-700 hover:text-foreground aria-[current]:bg-foreground aria-[current]:text-surface-950';
