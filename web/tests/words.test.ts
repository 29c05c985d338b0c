/**
 * Retired words stay retired in the web app: those of `docs/retired-words.txt`, and names of colors and of the theatre
 * for parts of the app.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot, serviceShapes, serviceTexts, shape } from './service-texts';

interface Rule {
  pattern: RegExp;
  /** What to write instead. */
  instead: string;
}

/** One rule per line: a regular expression in lower case and, after a tab, what to write instead. */
function parseRules(list: string): Rule[] {
  return list
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [pattern = '', instead = 'another word'] = line.split('\t');
      return { pattern: new RegExp(pattern, 'g'), instead };
    });
}

const webRules = parseRules(
  [
    '\\b(?:ink|paper|bulbs?|velvet|ember|mint)\\b\ta role: surface, foreground, accent, brand, danger, success',
    '\\bfoyer\\b|\\bauditorium\\b|\\bthe house\\b|\\bcurtains?\\b\tthe page or component',
    '\\d %|\\} %[`"\'<]\tno space before the percent sign',
    '\\be-mail\\b\temail',
  ].join('\n'),
);

const rules = [...parseRules(readFileSync(resolve(projectRoot, 'docs/retired-words.txt'), 'utf8')), ...webRules];

/** Names that belong to the API: its fields, values and schemas. */
const apiNames = new Set(
  [...readFileSync(resolve(projectRoot, 'openapi.json'), 'utf8').matchAll(/"([A-Za-z]\w+)"/g)].map(
    ([, name = '']) => name,
  ),
);

/** Texts of the service as the app shows them: sentences start in upper case and end with a full stop. */
const shownTexts = new Set(
  serviceTexts.map((text) => shape(`${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`)),
);

/** Removes names and texts that the service owns. */
function withoutService(source: string): string {
  return source
    .replaceAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1/g, (literal, quote: string, text: string) =>
      serviceShapes.has(shape(text)) || shownTexts.has(shape(text)) ? `${quote}${quote}` : literal,
    )
    .replaceAll(/\b[a-z]\w*_\w+\b|(?<=['"])[a-z]\w+(?=['"])|(?<=\.)[a-z]\w+\b/g, (name) =>
      apiNames.has(name) ? 'api' : name,
    );
}

/** The text line by line, as it is. */
function raw(source: string): string[] {
  return source.split('\n').map((line) => line.toLowerCase());
}

/** The words line by line: `DisplayName` and `display_name` become `display name`, and comment marks are dropped. */
function words(source: string): string[] {
  return source.split('\n').map((line) =>
    line
      .replace(/^\s*(?:\/\/|\/?\*+|#|<!--)/, '')
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .replaceAll(/[_\s-]+/g, ' ')
      .toLowerCase()
      .trim(),
  );
}

/** Where a file uses retired words. Phrases may continue on the next line. */
function violations(path: string, source: string): string[] {
  const own = withoutService(source);
  const found = [raw(own), words(own)].flatMap((lines) => {
    const text = lines.join(' ');
    const lineAt = (offset: number) => {
      let end = -1;
      return (
        1 +
        lines.findIndex((line) => {
          end += line.length + 1;
          return offset <= end;
        })
      );
    };
    return rules.flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map(({ index, 0: word }) => `${path}:${lineAt(index)}: "${word}": write ${instead}`),
    );
  });
  return [...new Set(found)];
}

const generated = ['src/api/schema.d.ts', 'src/route-tree.gen.ts', 'package-lock.json'];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: resolve(projectRoot, 'web'),
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(tsx?|mjs|css|html|json|md|sh|txt|svg|webmanifest)$/.test(file))
  .filter((file) => !generated.includes(file) && file !== 'tests/words.test.ts');

describe('retired words', () => {
  it('are read from the list', () => {
    expect(rules.length).toBeGreaterThan(30);
    expect(files.length).toBeGreaterThan(200);
    for (const { pattern } of rules) expect(pattern.source).toBe(pattern.source.toLowerCase());
  });

  it.each([
    ['a word', "const label = 'Velvet';"],
    ['a name', 'const bulbColor = 1;'],
    ['a name in snake case', 'const bulb_color = 1;'],
    ['a phrase over two lines', '// Everything in the\n// house.'],
    ['a color', '<p className="text-ink-400" />'],
    ['a percentage', "'5 %'"],
  ])('are found as %s', (_, source) => {
    expect(violations('test', source)).toHaveLength(1);
  });

  it('are not found inside other words', () => {
    expect(violations('test', "import { link } from './think';")).toEqual([]);
  });

  it('do not include names and texts of the service', () => {
    expect(withoutService("title.display_name === 'A name of our own'")).toBe("title.api === 'A name of our own'");
    expect(withoutService(`problem('${serviceTexts.find((text) => /^[a-z ]+$/.test(text))}')`)).toBe("problem('')");
  });

  it('are not used', () => {
    const used = files.flatMap((file) =>
      violations(`web/${file}`, readFileSync(resolve(projectRoot, 'web', file), 'utf8')),
    );
    expect(used).toEqual([]);
  });
});
