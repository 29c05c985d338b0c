/** What people of the mock watched and liked, and rows made of it: enough to look at the pages. */
import type { Engagement, Home, Progress, RecommendedTitle, Title } from '../src/api/types';

type Feedback = Engagement['feedback'];

export function createEngagements(iso: () => string) {
  const known = new Map<string, Engagement>();
  const sittings = new Map<string, number>();
  const nothing = (titleId: string): Engagement => ({
    title_id: titleId,
    liked: false,
    position_ms: 0,
    resume_ms: 0,
    watched_ms: 0,
    watched_share: 0,
  });

  function of(person: string, titleId: string): Engagement {
    return known.get(`${person} ${titleId}`) ?? nothing(titleId);
  }

  function change(person: string, titleId: string, to: Partial<Engagement>): void {
    known.set(`${person} ${titleId}`, { ...of(person, titleId), ...to, updated_at: iso() });
  }

  function hear(person: string, title: Title, beat: Progress): void {
    const before = sittings.get(beat.playback_id) ?? 0;
    if (beat.watched_ms <= before) return;
    sittings.set(beat.playback_id, beat.watched_ms);
    const duration = title.duration_ms ?? 1;
    const watched = of(person, title.title_id).watched_ms + beat.watched_ms - before;
    const share = beat.position_ms / duration;
    change(person, title.title_id, {
      position_ms: beat.position_ms,
      resume_ms: share >= 0.02 && share <= 0.9 ? beat.position_ms : 0,
      watched_ms: watched,
      watched_share: Math.min(1, watched / duration),
    });
  }

  function say(person: string, titleId: string, feedback: Feedback): void {
    const { feedback: _, ...rest } = of(person, titleId);
    known.set(`${person} ${titleId}`, { ...rest, ...(feedback && { feedback, liked: false }), updated_at: iso() });
  }

  function home(person: string, published: Title[]): Home {
    const mine = published.map((title) => ({ title, engagement: of(person, title.title_id) }));
    const begun = mine.filter(({ engagement }) => engagement.resume_ms > 0 && !engagement.feedback);
    const causes = mine.filter(({ engagement }) => engagement.liked || engagement.watched_share >= 0.5);
    const shown = new Set(begun.map(({ title }) => title.title_id));
    const pick = (most: number, wanted: (title: Title) => string | undefined): RecommendedTitle[] => {
      const items = mine.flatMap(({ title, engagement }) => {
        const reason = shown.has(title.title_id) || engagement.feedback ? undefined : wanted(title);
        return reason ? [{ title, reason }] : [];
      });
      for (const { title } of items.slice(0, most)) shown.add(title.title_id);
      return items.slice(0, most);
    };

    const rows: Home['rows'] = [
      {
        kind: 'continue_watching',
        heading: 'Continue watching',
        items: begun.map(({ title, engagement }) => ({
          title,
          reason: `${Math.ceil(((title.duration_ms ?? 0) - engagement.resume_ms) / 60_000)} min left`,
          progress: {
            position_ms: engagement.resume_ms,
            share: engagement.resume_ms / (title.duration_ms ?? 1),
          },
        })),
      },
      ...causes.slice(0, 2).map(({ title: cause, engagement }) => ({
        kind: 'because' as const,
        heading: `Because you ${engagement.liked ? 'liked' : 'watched'} ${cause.name}`,
        items: pick(12, (title) => {
          const shared = title.genres.find((genre) => cause.genres.includes(genre));
          return shared && title !== cause ? `Also ${shared.replaceAll('-', ' ')}` : undefined;
        }),
      })),
      { kind: 'new', heading: 'New for you', items: pick(8, () => 'New here') },
      { kind: 'popular', heading: 'Popular now', items: pick(12, () => 'Popular now') },
    ];
    return { rows: rows.filter((row) => row.items.length > 0), source: 'fallback' };
  }

  return { of, change, hear, say, home };
}
