import type { Rendition, Title } from '@/api/types';
import { genreName } from '@/format/genres';
import { languageName } from '@/format/languages';
import { formatRuntime } from '@/format/time';

/** The facts below a title's name: year, length, best resolution. */
export function facts(title: Title): string[] {
  const best = bestResolution(title.renditions);
  return [
    title.published_at ? String(new Date(title.published_at).getUTCFullYear()) : undefined,
    title.duration_ms ? formatRuntime(title.duration_ms) : undefined,
    best,
  ].filter((fact) => fact !== undefined);
}

/** The facts below a card: first genre and length. */
export function cardFacts(title: Title): string[] {
  const [genre] = title.genres;
  return [genre && genreName(genre), title.duration_ms ? formatRuntime(title.duration_ms) : undefined].filter(
    (fact) => fact !== undefined,
  );
}

interface AudioTrack {
  name: string;
  language?: string | null;
}

/** What the service calls a track of which nothing is known. */
const UNKNOWN_SOUND = 'Sound';

/** The names of the audio tracks; none if there is only one of which nothing is known. */
export function audioTrackNames(tracks: AudioTrack[]): string[] {
  const names = tracks.map(audioTrackName);
  return names.length === 1 && names[0] === UNKNOWN_SOUND ? [] : names;
}

/** The name of an audio track, with its language unless the name contains it. */
function audioTrackName({ name, language }: AudioTrack): string {
  const spoken = language ? languageName(language) : undefined;
  return spoken && !name.includes(spoken) ? `${name} (${spoken})` : name;
}

export function bestResolution(renditions: Rendition[]): string | undefined {
  const lines = Math.max(0, ...renditions.map((rendition) => Math.min(rendition.width, rendition.height)));
  if (lines === 0) return undefined;
  return lines >= 2160 ? '4K' : `${lines}p`;
}

/** Every genre of these titles, sorted. */
export function genresOf(titles: Title[]): string[] {
  return [...new Set(titles.flatMap((title) => title.genres))].sort();
}

/** The start of the reasons for titles that are only new (`functions/recommendations/src/get_similar.rs`), not alike. */
const notAlike = /^(New|Popular|Undiscovered)\b/;

/** The heading for what to watch after a title: the service fills the row with new titles when no title is alike. */
export function similarHeading(items: { reason: string }[]): string {
  return items.some(({ reason }) => notAlike.test(reason)) ? 'More to watch' : 'More like this';
}
