// `make pictures`: takes the README's screenshots of the running demo, as its admin.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from '@playwright/test';

const project = resolve(import.meta.dirname, '../..');
const address = process.env.MARQUEE_URL ?? 'http://localhost:8080';
const home = resolve(project, process.env.MARQUEE_HOME ?? '.marquee');
const folder = resolve(project, 'docs/pictures');
const admin = JSON.parse(readFileSync(resolve(home, 'admin.json'), 'utf8'));
const film = process.env.TITLE ?? 'Aurora';

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required'],
});
const page = await browser.newPage({
  baseURL: address,
  viewport: { width: 1280, height: 800 },
  colorScheme: 'dark',
  reducedMotion: 'reduce',
});

/** Waits until images are loaded and animations have ended, then takes a screenshot. */
async function take(name) {
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))));
  await save(name, await page.screenshot({ animations: 'disabled' }));
}

/** Converts a PNG screenshot to WebP with a canvas: a quarter of the size, and text stays sharp. */
const converter = await browser.newPage();

async function save(name, screenshot) {
  const webp = await converter.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.86).split(',')[1];
  }, screenshot.toString('base64'));
  const path = resolve(folder, `${name}.webp`);
  writeFileSync(path, Buffer.from(webp, 'base64'));
  process.stdout.write(`${path}\n`);
}

await page.goto('/sign-in');
await page.getByLabel('Email').fill(admin.email);
await page.getByLabel('Password').fill(admin.password);
await page.getByRole('button', { name: 'Sign in' }).click();
await page.getByRole('link', { name: film }).first().waitFor();
await take('home');

await page.goto('/studio');
await page.getByRole('link', { name: film, exact: true }).click();
await page.getByRole('region', { name: 'Pipeline' }).waitFor();
await take('pipeline');

// From the start, and a few seconds into the film.
await page.goto(`/titles/${page.url().split('/').at(-1)}?play=true&restart=true`);
await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 6);
await page.getByRole('region', { name: /^Player/ }).hover();
// The network is never idle during playback.
await save('player', await page.screenshot());

await page.goto('/admin?state=published');
await page.getByText(film, { exact: true }).first().waitFor();
await take('admin');

await browser.close();
