/** The texts of the service, read from its Rust source. */
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '../..');

export const ingestSource = readFileSync(resolve(projectRoot, 'shared/domain/src/ingest.rs'), 'utf8');

/** What the macro `with_rerun_advice!` appends to a sentence. */
export const advice = /\$what,\s*"([^"]+)"/.exec(ingestSource)?.[1] ?? '';

/** The string literals of the service's source, with continued lines joined. */
export const serviceTexts = ['functions', 'shared'].flatMap((folder) =>
  readdirSync(resolve(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.rs'))
    .flatMap((file) => {
      const text = readFileSync(resolve(projectRoot, folder, file), 'utf8').replaceAll(/\\\n\s*/g, '');
      const literals = [...text.matchAll(/"((?:[^"\\\n]|\\.)+)"/g)].map(([, literal = '']) =>
        literal.replaceAll('\\"', '"'),
      );
      const advised = [...text.matchAll(/with_rerun_advice!\("([^"]+)"\)/g)].map(([, what]) => `${what}${advice}`);
      return [...literals, ...advised];
    }),
);

/** A sentence with its placeholders (`{id}`, `${id}`) and numbers removed, to compare texts by. */
export function shape(sentence: string): string {
  return sentence.replaceAll(/\$?\{[^{}]*\}/g, '…').replaceAll(/[\d_]{2,}/g, '…');
}

export const serviceShapes = new Set(serviceTexts.map(shape));
