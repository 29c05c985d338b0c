/** The player's keyboard shortcuts. */

export type Command =
  | { do: 'toggle-play' | 'toggle-mute' | 'toggle-fullscreen' | 'toggle-captions' | 'help' }
  | { do: 'seek-by'; seconds: number }
  | { do: 'seek-to'; fraction: number }
  | { do: 'volume-by'; amount: number }
  | { do: 'speed'; direction: 1 | -1 };

export interface Key {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const commands: Record<string, Command> = {
  ' ': { do: 'toggle-play' },
  k: { do: 'toggle-play' },
  ArrowLeft: { do: 'seek-by', seconds: -5 },
  ArrowRight: { do: 'seek-by', seconds: 5 },
  j: { do: 'seek-by', seconds: -10 },
  l: { do: 'seek-by', seconds: 10 },
  ArrowUp: { do: 'volume-by', amount: 0.05 },
  ArrowDown: { do: 'volume-by', amount: -0.05 },
  m: { do: 'toggle-mute' },
  f: { do: 'toggle-fullscreen' },
  c: { do: 'toggle-captions' },
  '<': { do: 'speed', direction: -1 },
  '>': { do: 'speed', direction: 1 },
  Home: { do: 'seek-to', fraction: 0 },
  End: { do: 'seek-to', fraction: 1 },
  '?': { do: 'help' },
};

/** The command of a key, if any. Combinations with Ctrl, Alt or ⌘ belong to the browser. */
export function commandOf({ key, ctrlKey, metaKey, altKey }: Key): Command | undefined {
  if (ctrlKey || metaKey || altKey) return undefined;
  if (/^[0-9]$/.test(key)) return { do: 'seek-to', fraction: Number(key) / 10 };
  return commands[key.length === 1 ? key.toLowerCase() : key];
}

/** The help dialog's rows. */
export const shortcutHelp: { keys: string[]; does: string }[] = [
  { keys: ['Space', 'K'], does: 'Play or pause' },
  { keys: ['←', '→'], does: 'Skip back or forward 5 seconds' },
  { keys: ['J', 'L'], does: 'Skip back or forward 10 seconds' },
  { keys: ['0', '…', '9'], does: 'Jump to 0–90% of the film' },
  { keys: ['↑', '↓'], does: 'Volume up or down' },
  { keys: ['M'], does: 'Mute or unmute' },
  { keys: ['F'], does: 'Full screen' },
  { keys: ['C'], does: 'Captions on or off' },
  { keys: ['<', '>'], does: 'Slow down or speed up' },
  { keys: ['?'], does: 'Show this list' },
];
