/** What the mock's users watched and liked, and home rows made from it. */
import type { Engagement, Home, Progress, RecommendedTitle, Title } from '../src/api/types';

type Feedback = Engagement['feedback'];

export function createEngagements(iso: () => string) {
  const known = new Map<string, Engagement>();
  const watchedBySession = new Map<string, number>();
  const noEngagement = (titleId: string): Engagement => ({
    title_id: titleId,
    liked: false,
    position_ms: 0,
    resume_ms: 0,
    watched_ms: 0,
    watched_share: 0,
  });

  function get(person: string, titleId: string): Engagement {
    return known.get(`${person} ${titleId}`) ?? noEngagement(titleId);
  }

  function change(person: string, titleId: string, to: Partial<Engagement>): void {
    known.set(`${person} ${titleId}`, { ...get(person, titleId), ...to, updated_at: iso() });
  }

  function recordProgress(person: string, title: Title, heartbeat: Progress): void {
    const before = watchedBySession.get(heartbeat.playback_id) ?? 0;
    if (heartbeat.watched_ms <= before) return;
    watchedBySession.set(heartbeat.playback_id, heartbeat.watched_ms);
    const duration = title.duration_ms ?? 1;
    const watched = get(person, title.title_id).watched_ms + heartbeat.watched_ms - before;
    const share = heartbeat.position_ms / duration;
    change(person, title.title_id, {
      position_ms: heartbeat.position_ms,
      resume_ms: share >= 0.02 && share <= 0.9 ? heartbeat.position_ms : 0,
      watched_ms: watched,
      watched_share: Math.min(1, watched / duration),
    });
  }

  function giveFeedback(person: string, titleId: string, feedback: Feedback): void {
    const { feedback: _, ...rest } = get(person, titleId);
    known.set(`${person} ${titleId}`, { ...rest, ...(feedback && { feedback, liked: false }), updated_at: iso() });
  }

  function home(person: string, published: Title[]): Home {
    const mine = published.map((title) => ({ title, engagement: get(person, title.title_id) }));
    const started = mine.filter(({ engagement }) => engagement.resume_ms > 0 && !engagement.feedback);
    const seeds = mine.filter(({ engagement }) => engagement.liked || engagement.watched_share >= 0.5);
    const shown = new Set(started.map(({ title }) => title.title_id));
    const pick = (max: number, reasonFor: (title: Title) => string | undefined): RecommendedTitle[] => {
      const items = mine.flatMap(({ title, engagement }) => {
        const reason = shown.has(title.title_id) || engagement.feedback ? undefined : reasonFor(title);
        return reason ? [{ title, reason }] : [];
      });
      for (const { title } of items.slice(0, max)) shown.add(title.title_id);
      return items.slice(0, max);
    };

    const rows: Home['rows'] = [
      {
        kind: 'continue_watching',
        heading: 'Continue watching',
        items: started.map(({ title, engagement }) => ({
          title,
          reason: `${Math.ceil(((title.duration_ms ?? 0) - engagement.resume_ms) / 60_000)} min left`,
          progress: {
            position_ms: engagement.resume_ms,
            share: engagement.resume_ms / (title.duration_ms ?? 1),
          },
        })),
      },
      ...seeds.slice(0, 2).map(({ title: seed, engagement }) => ({
        kind: 'because' as const,
        heading: `Because you ${engagement.liked ? 'liked' : 'watched'} ${seed.name}`,
        items: pick(12, (title) => {
          const shared = title.genres.find((genre) => seed.genres.includes(genre));
          return shared && title !== seed ? `Also ${shared.replaceAll('-', ' ')}` : undefined;
        }),
      })),
      { kind: 'new', heading: 'New for you', items: pick(8, () => 'New here') },
      { kind: 'popular', heading: 'Popular now', items: pick(12, () => 'Popular now') },
    ];
    return { rows: rows.filter((row) => row.items.length > 0), source: 'fallback' };
  }

  return { get, change, recordProgress, giveFeedback, home };
}
