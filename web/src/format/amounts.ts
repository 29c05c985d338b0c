/** Formats sizes, rates and money. */

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** `1.4 GB`, in powers of 1000 like file managers. */
export function formatBytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `4.2 Mbit/s`. */
export function formatBitrate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1000)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

/** Formats micro-units of a currency. Small amounts keep their significant digits: `$0.0042`. */
export function formatMoney(micros: number, currency: string): string {
  const amount = micros / 1_000_000;
  const digits = amount === 0 || Math.abs(amount) >= 1 ? 2 : 4;
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(amount);
}

const counting = new Intl.NumberFormat('en');

/** `10,000`. */
export function formatCount(number: number): string {
  return counting.format(number);
}

/** `1 day`, `1,200 days`. */
export function pluralize(number: number, unit: string): string {
  return `${formatCount(number)} ${unit}${number === 1 ? '' : 's'}`;
}

/** `21%`; small shares keep one digit: `0.4%`. */
export function formatPercent(share: number): string {
  const value = share * 100;
  return `${value > 0 && value < 1 ? value.toFixed(1) : Math.round(value)}%`;
}
