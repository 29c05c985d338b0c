/** Formats times, in English like the rest of the app. */

import { pluralize } from './amounts';

/** Every time is rounded to the nearest second, so that a film of 11.99 s has the same length everywhere. */
function wholeSeconds(seconds: number): number {
  return Math.max(0, Math.round(Number.isFinite(seconds) ? seconds : 0));
}

/** A position in a film, or its length in the player: `4:05`, `1:02:03`. */
export function formatPosition(seconds: number): string {
  const whole = wholeSeconds(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A position for screen readers: `1 hour 2 minutes 3 seconds`. */
export function spokenPosition(seconds: number): string {
  const whole = wholeSeconds(seconds);
  const parts = [
    { count: Math.floor(whole / 3600), unit: 'hour' },
    { count: Math.floor((whole % 3600) / 60), unit: 'minute' },
    { count: whole % 60, unit: 'second' },
  ]
    .filter(({ count }) => count > 0)
    .map(({ count, unit }) => pluralize(count, unit));
  return parts.length > 0 ? parts.join(' ') : '0 seconds';
}

/** The length of a film: `1 h 32 min`, `9 min`, `24 s`. */
export function formatRuntime(ms: number): string {
  const seconds = wholeSeconds(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** How long something took: `0.4 s`, `38 s`, `4 min 10 s`. */
export function formatDuration(ms: number): string {
  if (ms < 50) return 'under 0.1 s';
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = wholeSeconds(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : formatRuntime(ms);
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `3 minutes ago`, `yesterday`; the date after a month. */
export function relativeTime(iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) > 30 * 86_400) return formatDate(iso);
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  return step ? relative.format(Math.round(seconds / step[1]), step[0]) : 'just now';
}

const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const moment = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** `Mar 5, 2026`. */
export function formatDate(iso: string): string {
  return day.format(new Date(iso));
}

/** Date and time to the second, for troubleshooting. */
export function formatDateTime(iso: string): string {
  return moment.format(new Date(iso));
}
