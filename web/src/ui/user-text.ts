/**
 * The attributes of an element with text that a user wrote: its own direction, and its language if known. Use `<bdi>`
 * inside a sentence.
 */
export function userText(language?: string | null) {
  return { dir: 'auto' as const, ...(language && { lang: language }) };
}

/** Isolates user text inside a string, where `<bdi>` is not possible. */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A letter of a script that needs more line height than headings have. */
const tallScript = /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]/u;

/** Whether a text needs more line height: other scripts, and Latin letters with two marks, are taller. */
export function needsTallLines(text: string): boolean {
  return tallScript.test(text) || /\p{M}{2}/u.test(text.normalize('NFD'));
}

export type NameSize = 'large' | 'medium' | 'small';

/** The font size for a name: long names and long words are smaller. */
export function nameSize(name: string): NameSize {
  const letters = countLetters(name);
  const maxWordLength = Math.max(0, ...name.split(/\s+/).map(countLetters));
  if (letters > 60 || maxWordLength > 22) return 'small';
  return letters > 26 || maxWordLength > 13 ? 'medium' : 'large';
}

/** The font size of a page heading without a backdrop. */
export function pageHeadingStyle(name: string): string {
  return nameSize(name) === 'small' ? 'text-2xl sm:text-3xl' : 'text-4xl sm:text-5xl';
}

function countLetters(text: string): number {
  return [...text].length;
}
