import type { LucideIcon } from 'lucide-react';
import { Label, Radio, RadioGroup } from 'react-aria-components';
import { ErrorLine, labelStyle } from './field';

interface CardChoiceProps {
  label: string;
  name: string;
  defaultValue: string;
  choices: { id: string; name: string; note: string; Icon: LucideIcon }[];
}

/** A choice between a few options, each on a card with an explanation. */
export function RadioCards({ label, name, defaultValue, choices }: CardChoiceProps) {
  return (
    <RadioGroup name={name} defaultValue={defaultValue} className="flex flex-col gap-1.5">
      <Label className={labelStyle}>{label}</Label>
      <div className="grid gap-3 min-[26rem]:grid-cols-[repeat(auto-fit,minmax(9rem,1fr))]">
        {choices.map(({ id, name, note, Icon }) => (
          <Radio
            key={id}
            value={id}
            // The browser scrolls to the hidden input, which has no height, so the card could stay under the bottom
            // navigation.
            onFocus={({ target }) => target.closest('label')?.scrollIntoView({ block: 'nearest' })}
            className="flex cursor-pointer flex-col gap-1 rounded-2xl border border-surface-600 bg-surface-900 p-4 transition hover:border-faint data-selected:border-accent-400 data-selected:bg-accent-900 data-focus-visible:outline-3 data-focus-visible:outline-offset-3 data-focus-visible:outline-accent-400"
          >
            {({ isSelected }) => (
              <>
                <Icon aria-hidden="true" className={`size-6 ${isSelected ? 'text-accent-400' : 'text-muted'}`} />
                <span className="font-semibold">{name}</span>
                <span className="text-sm text-secondary">{note}</span>
              </>
            )}
          </Radio>
        ))}
      </div>
      <ErrorLine name={name} />
    </RadioGroup>
  );
}
