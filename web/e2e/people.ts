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

/** A person with a unique email address and no account yet. */
export function newPerson(name: string): Person {
  const moment = `${process.pid}-${Date.now()}-${Math.floor(Math.random() * 1e6)}`;
  return { name, email: `e2e-${moment}@example.org`, password: 'Correct-horse-7-battery' };
}

/** The installation's first admin. */
export function firstAdmin(): Person {
  const { email, password } = JSON.parse(readFileSync(resolve(home, 'admin.json'), 'utf8')) as Person;
  return { name: 'Admin', email, password };
}

/** Signs up with the forms: first the email address, then the code and the account. Ends signed in, on the home page. */
export async function signUp(page: Page, person: Person, wants: 'watch' | 'publish'): Promise<void> {
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await requestCode(page, person);
  await confirm(page, person, wants);
  await expect(accountMenu(page, person)).toBeVisible();
}

/** The first step: the email address, on the sign-up page. */
export async function requestCode(page: Page, person: Person): Promise<void> {
  // The previous page may have a field with the same name.
  const send = page.getByRole('button', { name: 'Send me a code' });
  await expect(send).toBeVisible();
  await page.getByLabel('Email').fill(person.email);
  await send.click();
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible();
}

/** The second step: the code and the account. */
export async function confirm(page: Page, person: Person, wants: 'watch' | 'publish'): Promise<void> {
  await expect(page.getByLabel('Email')).toHaveValue(person.email);
  await page.getByLabel('Code').fill(await mailedCode(person.email));
  if (wants === 'publish') await page.getByText('I want to publish').click();
  await page.getByRole('textbox', { name: 'Name' }).fill(person.name);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: /^Account:/ })).toBeVisible();
}

export function accountMenu(page: Page, person: Person) {
  return page.getByRole('button', { name: `Account: ${person.name}` });
}

interface Mail {
  To: string[] | string;
  BodyText: string;
}

/** The latest code sent to an email address, once at least `count` were sent. */
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
      { message: 'the code was sent' },
    )
    .toBeDefined();
  return code ?? '';
}
