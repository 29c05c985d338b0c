import {
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from 'react-aria-components';

export const inputStyle =
  'w-full rounded-xl border border-ink-600 bg-ink-900 px-4 text-paper placeholder:text-ink-500 transition-colors hover:border-ink-500 data-invalid:border-ember-500 focus-visible:border-bulb-400 focus-visible:outline-offset-0';

export const labelStyle = 'text-sm font-semibold text-ink-300';

interface FieldProps extends Omit<AriaTextFieldProps, 'className' | 'children'> {
  label: string;
  hint?: string;
  placeholder?: string;
  rows?: number;
}

/** A line of text, or several with `rows`. */
export function Field({ label, hint, placeholder, rows, ...props }: FieldProps) {
  return (
    <AriaTextField {...props} className="flex flex-col gap-1.5">
      <Label className={labelStyle}>{label}</Label>
      {rows === undefined ? (
        <Input placeholder={placeholder ?? ''} className={`${inputStyle} h-12`} />
      ) : (
        <TextArea placeholder={placeholder ?? ''} rows={rows} className={`${inputStyle} resize-y py-3`} />
      )}
      {hint && (
        <Text slot="description" className="text-sm text-ink-400">
          {hint}
        </Text>
      )}
      <FieldError className={errorStyle} />
    </AriaTextField>
  );
}

export const errorStyle = 'text-sm font-medium text-ember-300';
