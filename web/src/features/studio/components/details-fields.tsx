import { useQuery } from '@tanstack/react-query';
import { Globe, Link2, Lock } from 'lucide-react';
import { useState } from 'react';
import { ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { genresQuery } from '@/api/genres';
import { toProblem } from '@/api/problem';
import { visibilityNames } from '@/api/visibility';
import { genreName } from '@/format/genres';
import { languageName, languages } from '@/format/languages';
import { Button } from '@/ui/button';
import { ErrorLine, Field, labelStyle } from '@/ui/field';
import { useHideError } from '@/ui/form';
import { RadioCards } from '@/ui/radio-cards';
import { Select } from '@/ui/select';
import { type Details, MAX_GENRES, NO_LANGUAGE } from '../rules';

const visibilities = [
  { id: 'public', name: visibilityNames.public, note: 'Anyone can find it.', Icon: Globe },
  { id: 'unlisted', name: visibilityNames.unlisted, note: 'Anyone with the link.', Icon: Link2 },
  { id: 'private', name: visibilityNames.private, note: 'Only you.', Icon: Lock },
];

const languageOptions = [
  { id: NO_LANGUAGE, name: 'Not specified' },
  ...languages
    .map((tag) => ({ id: tag as string, name: languageName(tag) }))
    .sort((a, b) => a.name.localeCompare(b.name)),
];

interface DetailsFieldsProps {
  /** The initial values. */
  details: Partial<Details>;
}

/** The fields of a new or existing title. */
export function DetailsFields({ details }: DetailsFieldsProps) {
  const { name = '', description = '', genres: chosen = [], language, visibility = 'public' } = details;
  return (
    <>
      <Field key={name} label="Name" name="name" isRequired maxLength={200} defaultValue={name} />
      <Field
        label="Description"
        name="description"
        rows={5}
        maxLength={5000}
        hint="What is it about? The first lines are shown on the home page."
        defaultValue={description}
      />
      <GenreField chosen={chosen} />
      <Select
        label="Spoken language"
        name="language"
        options={optionsWith(language)}
        defaultValue={language ?? NO_LANGUAGE}
      />
      <RadioCards label="Visibility" name="visibility" choices={visibilities} defaultValue={visibility} />
    </>
  );
}

/** The languages to choose from, including the title’s own. */
function optionsWith(language: string | null | undefined) {
  if (!language || languageOptions.some(({ id }) => id === language)) return languageOptions;
  return [...languageOptions, { id: language, name: languageName(language) }];
}

function GenreField({ chosen: initial }: { chosen: string[] }) {
  const [chosen, setChosen] = useState(() => new Set(initial));
  const genres = useQuery(genresQuery);
  const hideError = useHideError();
  // A title keeps its genre even when the service no longer offers it.
  const options = [...new Set([...(genres.data?.items ?? []), ...initial])].sort();
  const full = chosen.size >= MAX_GENRES;

  return (
    <fieldset>
      <legend className={`${labelStyle} mb-1.5`}>Genres</legend>
      <ToggleButtonGroup
        aria-label="Genres"
        selectionMode="multiple"
        selectedKeys={chosen}
        onSelectionChange={(keys) => {
          setChosen(new Set([...keys].map(String)));
          hideError('genres');
        }}
        className="flex flex-wrap gap-2"
      >
        {options.map((genre) => (
          <ToggleButton
            key={genre}
            id={genre}
            isDisabled={full && !chosen.has(genre)}
            className="min-h-9 cursor-pointer rounded-full border border-surface-600 px-3.5 text-sm font-semibold text-secondary transition hover:border-muted disabled:cursor-not-allowed disabled:opacity-40 data-selected:border-accent-400 data-selected:bg-accent-400 data-selected:text-surface-950"
          >
            {genreName(genre)}
          </ToggleButton>
        ))}
      </ToggleButtonGroup>
      {[...chosen].map((genre) => (
        <input key={genre} type="hidden" name="genres" value={genre} />
      ))}
      {genres.isError ? (
        <p role="alert" className="mt-1.5 text-sm text-secondary">
          Could not load the genres. {toProblem(genres.error).detail}{' '}
          <Button onPress={() => genres.refetch()}>Try again</Button>
        </p>
      ) : (
        <p className="mt-1.5 text-sm text-muted">
          {genres.isPending ? 'Loading genres…' : `${chosen.size} of ${MAX_GENRES} chosen`}
        </p>
      )}
      <ErrorLine name="genres" />
    </fieldset>
  );
}
