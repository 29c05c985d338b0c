import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';

const emulator = process.env.MARQUEE_EMULATOR_URL ?? 'http://127.0.0.1:14600';
const home = process.env.MARQUEE_HOME ?? resolve(import.meta.dirname, '../../.marquee-test');

export interface Person {
  name: string;
  email: string;
  password: string;
}

/** Somebody whom nobody has met. */
export function newPerson(name: string): Person {
  const moment = `${process.pid}-${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
  return { name, email: `e2e-${moment}@example.org`, password: 'Correct-horse-7-battery' };
}

/** The installation's first admin. */
export function firstAdmin(): Person {
  const { email, password } = JSON.parse(readFileSync(resolve(home, 'admin.json'), 'utf8')) as Person;
  return { name: 'Admin', email, password };
}

/** Signs up by the forms: the address, then the mailed code with the account. Ends signed in, on the home page. */
export async function signUp(page: Page, person: Person, wants: 'watch' | 'publish'): Promise<void> {
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await requestCode(page, person);
  await confirm(page, person, wants);
  await expect(accountMenu(page, person)).toBeVisible();
}

/** The first step: an address, on the page of signing up. */
export async function requestCode(page: Page, person: Person): Promise<void> {
  // The page before may have a field of this name too.
  const send = page.getByRole('button', { name: 'Send me a code' });
  await expect(send).toBeVisible();
  await page.getByLabel('E-mail').fill(person.email);
  await send.click();
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();
}

/** The second step: the mailed code and the account. */
export async function confirm(page: Page, person: Person, wants: 'watch' | 'publish'): Promise<void> {
  await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
  await page.getByLabel('Code').fill(await mailedCode(person.email));
  if (wants === 'publish') await page.getByText('I want to publish').click();
  await page.getByRole('textbox', { name: 'Name' }).fill(person.name);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: /^Account of/ })).toBeVisible();
}

export function accountMenu(page: Page, person: Person) {
  return page.getByRole('button', { name: `Account of ${person.name}` });
}

interface Mail {
  To: string[] | string;
  BodyText: string;
}

/** The code that was mailed last to an address, once there are as many as that. */
export async function mailedCode(email: string, count = 1): Promise<string> {
  let code: string | undefined;
  await expect
    .poll(
      async () => {
        const response = await fetch(`${emulator}/_ministack/ses/messages`);
        const { messages } = (await response.json()) as { messages: Record<string, Mail[]> };
        const mails = Object.values(messages).flat();
        const own = mails.filter((mail) => String(mail.To).includes(email));
        code = own.length < count ? undefined : /\b(\d{6})\b/.exec(own.at(-1)?.BodyText ?? '')?.[1];
        return code;
      },
      { message: 'the code is mailed' },
    )
    .toBeDefined();
  return code ?? '';
}
