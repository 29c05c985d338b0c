/** `science-fiction` → `Science fiction`: on the wire genres are lower-case words joined by hyphens. */
export function genreName(genre: string): string {
  const words = genre.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
