import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.gen.ts'))
  .sort();

interface Import {
  from: string;
  to: string;
}

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(src, from), 'utf8');
  const targets = [...text.matchAll(/(?:from|import)\s*\(?\s*'((?:@\/|\.)[^']+)'/g)].map((match) => match[1] ?? '');
  return targets.map((target) => ({
    from,
    to: target.startsWith('@/') ? target.slice(2) : relative(src, resolve(src, dirname(from), target)),
  }));
});

const featureOf = (path: string) => /^features\/([^/]+)/.exec(path)?.[1];

describe('the layers of the app', () => {
  it('finds files and imports', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(150);
  });

  it('lets no feature import another', () => {
    const across = imports.filter(
      ({ from, to }) => featureOf(from) && featureOf(to) && featureOf(from) !== featureOf(to),
    );
    expect(across).toEqual([]);
  });

  it('lets only routes and the entry point import from routes', () => {
    const wrong = imports.filter(
      ({ from, to }) => /^(routes|route-tree)/.test(to) && !/^(routes\/|main\.tsx|route-tree)/.test(from),
    );
    expect(wrong).toEqual([]);
  });

  it.each(['ui', 'format', 'api'])('keeps %s free of features', (layer) => {
    expect(imports.filter(({ from, to }) => from.startsWith(`${layer}/`) && featureOf(to))).toEqual([]);
  });

  it('keeps rules free of React, the network and the clock', () => {
    for (const file of files.filter((each) => each.endsWith('rules.ts'))) {
      const text = readFileSync(join(src, file), 'utf8');
      expect(text, file).not.toMatch(/from 'react|from '@\/api\/client'|Date\.now\(|Math\.random\(|localStorage/);
    }
  });

  it('imports hls.js in the engine only', () => {
    const users = files.filter((file) =>
      /^import (?!type)[^;]*from 'hls\.js/m.test(readFileSync(join(src, file), 'utf8')),
    );
    expect(users).toEqual(['features/player/engine.ts']);
  });

  it('uses one form component, whose submit button does not move', () => {
    const others = files.filter((file) =>
      /import \{[^}]*\b(Form|FieldError)\b[^}]*\} from 'react-aria-components'/.test(
        readFileSync(join(src, file), 'utf8'),
      ),
    );
    expect(others).toEqual(['ui/field.tsx']);
  });

  it('has no barrel files', () => {
    expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).toEqual([]);
  });
});

describe('the lock file', () => {
  const text = readFileSync(resolve(src, '../package-lock.json'), 'utf8');

  it('contains no registry URL', () => {
    expect(text).not.toMatch(/https?:\/\/[^"]*\.tgz|"resolved": "http/);
  });

  // Without them `npm ci` refuses the lock file. A registry without a platform's package omits it silently.
  it('contains the packages of every platform', () => {
    const { packages } = JSON.parse(text) as { packages: Record<string, { optionalDependencies?: object }> };
    const packaged = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
    const named = Object.values(packages).flatMap((each) => Object.keys(each.optionalDependencies ?? {}));
    expect(named.filter((name) => !packaged.has(name))).toEqual([]);
  });
});

describe('the page', () => {
  const html = readFileSync(resolve(src, '../index.html'), 'utf8');

  it('references existing icons and manifests only', () => {
    const named = [...html.matchAll(/(?:href|content)="(\/[^"]+\.\w+)"/g)].map((match) => match[1] ?? '');
    const { icons } = JSON.parse(readFileSync(resolve(src, '../public/site.webmanifest'), 'utf8')) as {
      icons: { src: string }[];
    };
    const files = [...named, ...icons.map((icon) => icon.src), '/robots.txt'];
    expect(files.length).toBeGreaterThan(6);
    for (const file of files) expect(readFileSync(resolve(src, `../public${file}`)).length, file).toBeGreaterThan(0);
  });

  it('has a message for browsers without JavaScript', () => {
    expect(html).toMatch(/<noscript>[^<]{20,}<\/noscript>/);
  });

  it('contains nothing that the Content-Security-Policy forbids', () => {
    expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|\son\w+=/);
  });
});
