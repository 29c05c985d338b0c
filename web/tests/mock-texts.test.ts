/** The mock says no in the service's words: every sentence of its problems and failures is in the Rust source. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusals } from '../mock/pipeline.ts';
import { kinds } from '../mock/responses.ts';

const root = resolve(import.meta.dirname, '../..');
const ingest = readFileSync(resolve(root, 'shared/domain/src/ingest.rs'), 'utf8');

/** What the macro `again!` puts behind a sentence. */
const advice = /\$what,\s*"([^"]+)"/.exec(ingest)?.[1] ?? '';

/** The string literals of the service's areas and what they share, line continuations joined. */
const service = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(resolve(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.rs'))
    .flatMap((file) => {
      const text = readFileSync(resolve(root, folder, file), 'utf8').replaceAll(/\\\n\s*/g, '');
      const literals = [...text.matchAll(/"((?:[^"\\\n]|\\.)+)"/g)].map(([, literal = '']) =>
        literal.replaceAll('\\"', '"'),
      );
      const advised = [...text.matchAll(/again!\("([^"]+)"\)/g)].map(([, what]) => `${what}${advice}`);
      return [...literals, ...advised];
    }),
);

/** A sentence with holes as a pattern: `{id}` and `${id}` stand for whatever is put there. */
function shape(sentence: string): string {
  return sentence.replaceAll(/\$?\{[^{}]*\}/g, '…').replaceAll(/[\d_]{2,}/g, '…');
}

const shapes = new Set(service.map(shape));

const mock = readdirSync(resolve(root, 'web/mock'))
  // What films are about is up to the mock.
  .filter((file) => file.endsWith('.ts') && file !== 'seed.ts')
  .map((file) => ({ file, text: readFileSync(resolve(root, 'web/mock', file), 'utf8') }));

/** What the mock says where a pattern finds a quotation mark and what follows. */
function saidBy(pattern: RegExp) {
  return mock.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map(({ groups }) => ({ file, sentence: groups?.words ?? '' })),
  );
}

/** The details of problems and of their fields, at their place or by a name. */
const details = saidBy(
  /(?:problem\(\s*'[\w-]+',\s*|invalid\('[^']+',\s*|detail: |const (?!PASSWORD)[A-Z_]+ = (?=['`][a-z]))(?<mark>['`])(?<words>(?:(?!\k<mark>).)+)\k<mark>/g,
);

/**
 * The sentences for people, such as why a run failed, wherever they are; but for the mails, which another service
 * writes.
 */
const sentences = saidBy(/(?<!BodyText: )(?<mark>['"`])(?<words>[A-Z](?:(?!\k<mark>).)+\.)\k<mark>/g);

describe('the problems of the mock', () => {
  it('are found', () => {
    expect(service.length).toBeGreaterThan(1_000);
    expect(advice).not.toBe('');
    expect(details.length).toBeGreaterThan(20);
    expect(sentences.length).toBeGreaterThan(5);
  });

  it('are said in the words of the service', () => {
    const foreign = [...details, ...sentences].filter(({ sentence }) => !shapes.has(shape(sentence)));
    expect(foreign).toEqual([]);
  });

  it('refuse another run over the same file where the service does', () => {
    expect([...ingest.matchAll(/^\s+(\w+) Refused,$/gm)].map(([, name]) => name)).toEqual(refusals);
  });

  it('have the kinds, statuses and titles of the service', () => {
    const source = readFileSync(resolve(root, 'shared/runtime/src/http/problem.rs'), 'utf8');
    const titles = new Map([...source.matchAll(/^\s+\w+ "([\w-]+)" [A-Z_]+ "([^"]+)",$/gm)].map((m) => [m[1], m[2]]));
    for (const [kind, [, title]] of Object.entries(kinds)) expect(titles.get(kind), kind).toBe(title);
  });

  it('start as sentences of the API do, in lower case without a full stop', () => {
    for (const { sentence } of details) expect(sentence).toMatch(/^[a-z`$].*[^.]$/);
  });
});
