import { Check, ChevronDown } from 'lucide-react';
import {
  Button as AriaButton,
  Select as AriaSelect,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
} from 'react-aria-components';
import { ErrorLine, inputStyle, labelStyle } from './field';

export interface Option {
  id: string;
  name: string;
}

interface SelectProps {
  label: string;
  name?: string;
  options: Option[];
  placeholder?: string;
  defaultValue?: string;
  value?: string;
  onChange?: (value: string) => void;
}

export function Select({ label, options, placeholder, defaultValue, value, onChange, name }: SelectProps) {
  return (
    <AriaSelect
      {...(name !== undefined && { name })}
      {...(defaultValue !== undefined && { defaultValue })}
      {...(value !== undefined && { value })}
      {...(onChange !== undefined && { onChange: (chosen) => chosen !== null && onChange(String(chosen)) })}
      placeholder={placeholder ?? 'Choose'}
      className="flex flex-col gap-1.5"
    >
      <Label className={labelStyle}>{label}</Label>
      <AriaButton className={`${inputStyle} flex h-12 cursor-pointer items-center justify-between gap-3 text-left`}>
        <SelectValue className="truncate data-placeholder:text-muted" />
        <ChevronDown aria-hidden="true" className="size-4 shrink-0 text-muted" />
      </AriaButton>
      <ErrorLine name={name} />
      <Popover className={`${popoverStyle} w-(--trigger-width)`}>
        <ListBox items={options} className="max-h-72 overflow-auto p-1.5 outline-none">
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.name} className={optionStyle}>
              {({ isSelected }) => (
                <>
                  <span className="flex-1">{option.name}</span>
                  {isSelected && <Check aria-hidden="true" className="size-4 text-accent-400" />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export const popoverStyle =
  'animate-fade overflow-hidden rounded-2xl border border-surface-700 bg-surface-850 text-foreground shadow-card';

export const optionStyle =
  'flex min-h-10 cursor-pointer items-center gap-3 rounded-xl px-3 py-2 outline-none data-focused:bg-foreground/10 data-disabled:opacity-40';
