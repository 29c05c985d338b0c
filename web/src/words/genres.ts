/** Genres as people choose and read them; on the wire they are lower-case words. */
export const genres = [
  'action',
  'animation',
  'comedy',
  'crime',
  'documentary',
  'drama',
  'family',
  'fantasy',
  'history',
  'horror',
  'music',
  'mystery',
  'nature',
  'romance',
  'science-fiction',
  'short',
  'sport',
  'thriller',
  'travel',
  'western',
] as const;

/** Whether this is one of the genres that are offered. */
export function isGenre(genre: string): boolean {
  return (genres as readonly string[]).includes(genre);
}

/** `science-fiction` → `Science fiction`; a genre that we do not know is shown just the same. */
export function genreName(genre: string): string {
  const words = genre.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
