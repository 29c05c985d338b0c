import { ChevronDown } from 'lucide-react';

const explanations = [
  {
    name: 'NDCG@100',
    text: 'How well a model ranks: 1 if what a viewer really watched comes first in its 100 best titles, 0 if none of it is there.',
  },
  { name: 'Popularity', text: 'The same number for a list of the most watched titles. A useful model is above it.' },
  {
    name: 'Recall@20, Recall@50',
    text: 'The share of what viewers really watched that is among a model’s 20 or 50 best titles.',
  },
  {
    name: 'Coverage',
    text: 'The share of all titles that are among the 20 best titles of at least one of the measured viewers.',
  },
  {
    name: 'Measured on',
    text: 'The viewers that training did not see. A model gets four fifths of what each watched, and has to find the rest.',
  },
];

/** What the metrics of models and runs mean. */
export function MetricsHelp() {
  return (
    <details className="group/help text-sm">
      <summary className="inline-flex min-h-11 cursor-pointer list-none items-center gap-1.5 rounded-lg font-semibold text-secondary [&::-webkit-details-marker]:hidden">
        What the numbers mean
        <ChevronDown aria-hidden="true" className="size-4 transition group-open/help:rotate-180" />
      </summary>
      <dl className="mt-2 grid max-w-3xl gap-x-6 gap-y-2 sm:grid-cols-[auto_minmax(0,1fr)]">
        {explanations.map(({ name, text }) => (
          <div key={name} className="contents">
            <dt className="font-semibold">{name}</dt>
            <dd className="text-secondary max-sm:mb-2">{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
