import { writeFileSync } from 'node:fs';
import { test as setup } from '@playwright/test';
import { publish, type SharedFilm, sharedFilm } from '../api.ts';
import { film } from '../films.ts';
import { newPerson } from '../people.ts';

setup('publish the film that the tests watch', async () => {
  setup.setTimeout(600_000);
  const creator = newPerson('Greta Maker');
  const name = `Test card, take ${Date.now()}`;
  const { title_id: titleId } = await publish(creator, name, film());
  writeFileSync(sharedFilm, JSON.stringify({ titleId, name, creator } satisfies SharedFilm));
});
