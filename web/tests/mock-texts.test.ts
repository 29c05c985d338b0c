/** The mock refuses in the service's words: every sentence of its problems and failures is in the Rust source. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { refusals } from '../mock/pipeline.ts';
import { kinds } from '../mock/responses.ts';
import { advice, ingestSource, projectRoot, serviceShapes, serviceTexts, shape } from './service-texts';

const mock = readdirSync(resolve(projectRoot, 'web/mock'))
  // Descriptions of films are the mock's own.
  .filter((file) => file.endsWith('.ts') && file !== 'seed.ts')
  .map((file) => ({ file, text: readFileSync(resolve(projectRoot, 'web/mock', file), 'utf8') }));

/** The mock's texts that a pattern finds. */
function textsFoundBy(pattern: RegExp) {
  return mock.flatMap(({ file, text }) =>
    [...text.matchAll(pattern)].map(({ groups }) => ({ file, sentence: groups?.text ?? '' })),
  );
}

/** The details of problems and field errors, inline or as constants. */
const details = textsFoundBy(
  /(?:problem\(\s*'[\w-]+',\s*|invalid\('[^']+',\s*|detail: |const (?!PASSWORD)[A-Z_]+ = (?=['`][a-z]))(?<mark>['`])(?<text>(?:(?!\k<mark>).)+)\k<mark>/g,
);

/** The sentences for users, such as why a run failed, except in emails, which another service writes. */
const sentences = textsFoundBy(/(?<!BodyText: )(?<mark>['"`])(?<text>[A-Z](?:(?!\k<mark>).)+\.)\k<mark>/g);

describe('the problems of the mock', () => {
  it('are found', () => {
    expect(serviceTexts.length).toBeGreaterThan(1_000);
    expect(advice).not.toBe('');
    expect(details.length).toBeGreaterThan(20);
    expect(sentences.length).toBeGreaterThan(5);
  });

  it('have texts of the service', () => {
    const unknown = [...details, ...sentences].filter(({ sentence }) => !serviceShapes.has(shape(sentence)));
    expect(unknown).toEqual([]);
  });

  it('allow a rerun only where the service does', () => {
    expect([...ingestSource.matchAll(/^\s+(\w+) Refused,$/gm)].map(([, name]) => name)).toEqual(refusals);
  });

  it('have the kinds, statuses and titles of the service', () => {
    const source = readFileSync(resolve(projectRoot, 'shared/runtime/src/http/problem.rs'), 'utf8');
    const titles = new Map([...source.matchAll(/^\s+\w+ "([\w-]+)" [A-Z_]+ "([^"]+)",$/gm)].map((m) => [m[1], m[2]]));
    for (const [kind, [, title]] of Object.entries(kinds)) expect(titles.get(kind), kind).toBe(title);
  });

  it('start in lower case and have no full stop, like those of the service', () => {
    for (const { sentence } of details) expect(sentence).toMatch(/^[a-z`$].*[^.]$/);
  });
});
