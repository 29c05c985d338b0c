/** `science-fiction` → `Science fiction`. The API writes genres as lower-case words joined by hyphens. */
export function genreName(genre: string): string {
  const words = genre.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
