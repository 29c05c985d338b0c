import { Link } from '@tanstack/react-router';
import type { Title } from '@/api/types';
import { genreName } from '@/format/genres';
import { languageName } from '@/format/languages';
import { formatDate } from '@/format/time';
import { nameSize, userText } from '@/ui/user-text';
import { audioTrackNames } from '../rules';

/** The description and details of a title. */
export function AboutTitle({ title }: { title: Title }) {
  const audio = audioTrackNames(title.sounds ?? []);
  return (
    <section aria-label="About" className="gutter grid gap-10 py-10 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="min-w-0">
        {title.description ? (
          <p {...userText(title.language)} className="max-w-2xl text-lg whitespace-pre-line text-foreground/90">
            {title.description}
          </p>
        ) : (
          <p className="text-muted">No description.</p>
        )}
        {title.genres.length > 0 && (
          <ul aria-label="Genres" className="mt-6 flex flex-wrap gap-2">
            {title.genres.map((genre) => (
              <li key={genre}>
                <Link
                  to="/"
                  search={{ genre }}
                  className="inline-flex min-h-9 items-center rounded-full bg-surface-850 px-4 text-sm font-semibold text-secondary transition hover:bg-surface-700 hover:text-foreground"
                >
                  {genreName(genre)}
                </Link>
              </li>
            ))}
          </ul>
        )}
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] content-start gap-x-6 gap-y-2 text-sm">
        {/* The heading may be truncated. */}
        {nameSize(title.name) === 'small' && (
          <FactRow name="Full title">
            <span {...userText(title.language)}>{title.name}</span>
          </FactRow>
        )}
        <FactRow name="By">
          <bdi>{title.owner.display_name}</bdi>
        </FactRow>
        {title.published_at && <FactRow name="Published">{formatDate(title.published_at)}</FactRow>}
        {title.language && <FactRow name="Language">{languageName(title.language)}</FactRow>}
        {audio.length > 0 && <FactRow name="Audio">{audio.join(', ')}</FactRow>}
      </dl>
    </section>
  );
}

function FactRow({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
