import type { Quote } from '@/api/types';
import { formatMoney } from '@/format/amounts';
import { formatDuration } from '@/format/time';

/** The quoted cost of transcoding and its limit. */
export function QuoteView({ quote }: { quote: Quote }) {
  const budget = quote.budget_micros;
  const share = budget ? Math.min(quote.amount_micros / budget, 1) : 0;
  return (
    <details className="group/quote rounded-2xl border border-surface-700 bg-surface-850 p-4">
      <summary className="flex cursor-pointer list-none items-center justify-between gap-4 rounded-lg [&::-webkit-details-marker]:hidden">
        <span>
          <span className="block text-sm text-muted">Transcoding costs Marquee at most</span>
          <span className="text-xl font-semibold tabular-nums">{formatMoney(quote.amount_micros, quote.currency)}</span>
        </span>
        <span className="text-right text-sm text-muted">
          {budget != null && `A film may cost ${formatMoney(budget, quote.currency)} at most`}
          <span className="block font-semibold text-accent-400">
            <span className="group-open/quote:hidden">Show details</span>
            <span className="hidden group-open/quote:inline">Hide details</span>
          </span>
        </span>
      </summary>
      <div aria-hidden="true" className="mt-3 h-1.5 overflow-hidden rounded-full bg-surface-700">
        <div className="h-full rounded-full bg-accent-400" style={{ width: `${share * 100}%` }} />
      </div>
      <table className="mt-4 w-full text-sm">
        <thead>
          <tr className="text-left text-muted">
            <th className="pb-2 font-medium">Output</th>
            <th className="pb-2 pl-3 text-right font-medium">Billed time</th>
            <th className="pb-2 pl-3 text-right font-medium">Multiplier</th>
            <th className="pb-2 pl-3 text-right font-medium">Price</th>
          </tr>
        </thead>
        <tbody className="tabular-nums">
          {quote.lines.map((line) => (
            <tr key={line.what} className="border-t border-surface-700">
              <td className="py-1.5">{line.what}</td>
              <td className="py-1.5 pl-3 text-right whitespace-nowrap">{billedTime(line.minutes_milli)}</td>
              <td className="py-1.5 pl-3 text-right whitespace-nowrap">×{(line.multiplier_milli / 1000).toFixed(1)}</td>
              <td className="py-1.5 pl-3 text-right whitespace-nowrap">
                {formatMoney(line.amount_micros, quote.currency)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {quote.unverified && <p className="mt-3 text-sm text-muted">Estimate: some prices may be out of date.</p>}
    </details>
  );
}

/** `10 s`, `9 min 57 s`: whole seconds are billed, in thousandths of a minute. */
function billedTime(milliminutes: number): string {
  return formatDuration(Math.round(milliminutes * 0.06) * 1000);
}
