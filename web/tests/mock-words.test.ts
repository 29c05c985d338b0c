/** The mock says no in the service's words: every sentence of its problems stands in the Rust source. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kinds } from '../mock/answers.ts';

const root = resolve(import.meta.dirname, '../..');

/** The string literals of the service's areas and what they share, line continuations joined. */
const service = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.rs'))
    .flatMap((file) => {
      const text = readFileSync(resolve(root, folder, file), 'utf8').replaceAll(/\\\n\s*/g, '');
      return [...text.matchAll(/"((?:[^"\\\n]|\\.)+)"/g)].map((match) => (match[1] ?? '').replaceAll('\\"', '"'));
    }),
);

/** A sentence with holes as a pattern: `{id}` and `${id}` stand for whatever is put there. */
function shape(sentence: string): string {
  return sentence.replaceAll(/\$?\{[^{}]*\}/g, '…').replaceAll(/[\d_]{2,}/g, '…');
}

const shapes = new Set(service.map(shape));

/** What the mock says: the details of problems and of their fields. */
const said = readdirSync(resolve(root, 'web/mock'))
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const text = readFileSync(resolve(root, 'web/mock', file), 'utf8');
    const quoted = /(?:problem\(\s*'[\w-]+',\s*|invalid\('[^']+',\s*|detail: |NOT_THE_CODE = )(['`])((?:(?!\1).)+)\1/g;
    return [...text.matchAll(quoted)].map((match) => ({ file, sentence: match[2] ?? '' }));
  });

describe('the problems of the mock', () => {
  it('are found', () => {
    expect(service.length).toBeGreaterThan(1_000);
    expect(said.length).toBeGreaterThan(20);
  });

  it('are said in the words of the service', () => {
    const foreign = said.filter(({ sentence }) => !shapes.has(shape(sentence)));
    expect(foreign).toEqual([]);
  });

  it('have the kinds, statuses and titles of the service', () => {
    const source = readFileSync(resolve(root, 'shared/runtime/src/http/problem.rs'), 'utf8');
    const titles = new Map([...source.matchAll(/^\s+\w+ "([\w-]+)" [A-Z_]+ "([^"]+)",$/gm)].map((m) => [m[1], m[2]]));
    for (const [kind, [, title]] of Object.entries(kinds)) expect(titles.get(kind), kind).toBe(title);
  });

  it('start as sentences of the API do, in lower case without a full stop', () => {
    for (const { sentence } of said) expect(sentence).toMatch(/^[a-z`$].*[^.]$/);
  });
});
