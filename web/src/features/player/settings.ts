/** The user's player settings, stored in this browser. */
export interface Settings {
  volume: number;
  muted: boolean;
  speed: number;
  captions: boolean;
  shortcuts: boolean;
}

const STORAGE_KEY = 'marquee.player';
const initial: Settings = { volume: 1, muted: false, speed: 1, captions: false, shortcuts: true };

export function loadSettings(): Settings {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}');
    const known = Object.entries(initial).map(([name, value]) => {
      const saved = (stored as Record<string, unknown>)[name];
      return [name, typeof saved === typeof value ? saved : value];
    });
    return Object.fromEntries(known) as Settings;
  } catch {
    return initial;
  }
}

export function saveSettings(change: Partial<Settings>): void {
  localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...loadSettings(), ...change }));
}
