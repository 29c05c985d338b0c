import type { Rendition, Title } from '@/api/types';
import { genreName } from '@/format/genres';
import { languageName } from '@/format/languages';
import { runtime } from '@/format/time';

/** The words under a title's name: year, length, best picture. */
export function facts(title: Title): string[] {
  const best = bestPicture(title.renditions);
  return [
    title.published_at ? String(new Date(title.published_at).getUTCFullYear()) : undefined,
    title.duration_ms ? runtime(title.duration_ms) : undefined,
    best,
  ].filter((fact) => fact !== undefined);
}

/** The words under a card: its first genre and its length. */
export function cardFacts(title: Title): string[] {
  const [genre] = title.genres;
  return [genre && genreName(genre), title.duration_ms ? runtime(title.duration_ms) : undefined].filter(
    (fact) => fact !== undefined,
  );
}

/** `4K`, `1080p`: the short side of the largest rendition, so that portrait films are called the same. */
/** What a sound track is called, with its language where the name does not say it. */
export function soundName({ name, language }: { name: string; language?: string | null }): string {
  const spoken = language ? languageName(language) : undefined;
  return spoken && !name.includes(spoken) ? `${name} (${spoken})` : name;
}

export function bestPicture(renditions: Rendition[]): string | undefined {
  const lines = Math.max(0, ...renditions.map((rendition) => Math.min(rendition.width, rendition.height)));
  if (lines === 0) return undefined;
  return lines >= 2160 ? '4K' : `${lines}p`;
}

/** Every genre that occurs, in the order of the alphabet. */
export function genresOf(titles: Title[]): string[] {
  return [...new Set(titles.flatMap((title) => title.genres))].sort();
}
