/** What was typed into the form of a new title, kept for this tab: a session may end, or a page be left, before it is sent. */

const STORED = 'marquee.new-title';

export interface Draft {
  name: string;
  description: string;
}

export function keptDraft(): Draft {
  const nothing = { name: '', description: '' };
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(STORED) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return nothing;
    const { name, description } = stored as Record<string, unknown>;
    return {
      name: typeof name === 'string' ? name : '',
      description: typeof description === 'string' ? description : '',
    };
  } catch {
    return nothing;
  }
}

export function keepDraft({ name, description }: Draft): void {
  sessionStorage.setItem(STORED, JSON.stringify({ name, description }));
}

export function dropDraft(): void {
  sessionStorage.removeItem(STORED);
}
