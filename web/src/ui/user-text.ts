/**
 * The attributes of an element whose text a person wrote: it has a direction of its own, whatever the page's, and a
 * language where that is known. Inside a sentence use `<bdi>`.
 */
export function userText(language?: string | null) {
  return { dir: 'auto' as const, ...(language && { lang: language }) };
}

/** A person's text inside a sentence that is a string: `<bdi>` for where no element fits. */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A letter of a script that does not fit into lines as tight as a poster's. */
const notTight = /[^\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Common}\p{Script=Inherited}]/u;

/** Whether lines of this text need room: other scripts, and Latin letters with two marks, reach above and below. */
export function needsTallLines(text: string): boolean {
  return notTight.test(text) || /\p{M}{2}/u.test(text.normalize('NFD'));
}

export type NameSize = 'large' | 'medium' | 'small';

/** How large a name may be written: long names and long words get smaller letters. */
export function nameSize(name: string): NameSize {
  const letters = lengthOf(name);
  const longestWord = Math.max(0, ...name.split(/\s+/).map(lengthOf));
  if (letters > 60 || longestWord > 22) return 'small';
  return letters > 26 || longestWord > 13 ? 'medium' : 'large';
}

/** The letters of a name at the top of a page that has no picture behind it. */
export function pageHeadingStyle(name: string): string {
  return nameSize(name) === 'small' ? 'text-2xl sm:text-3xl' : 'text-4xl sm:text-5xl';
}

function lengthOf(text: string): number {
  return [...text].length;
}
