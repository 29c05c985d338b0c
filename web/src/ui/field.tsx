import { useEffect } from 'react';
import {
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from 'react-aria-components';
import { useFieldError, useFieldRule, useHideError } from './form';

export const inputStyle =
  'w-full rounded-xl border border-surface-600 bg-surface-900 px-4 text-foreground placeholder:text-faint transition-colors hover:border-faint data-invalid:border-danger-500 focus-visible:border-accent-400 focus-visible:outline-offset-0';

export const labelStyle = 'text-sm font-semibold text-secondary';

interface FieldProps extends Omit<AriaTextFieldProps, 'className' | 'children' | 'validate'> {
  label: string;
  hint?: string;
  placeholder?: string;
  rows?: number;
  /** An extra check on submit. Returns an error message, or nothing if the text is valid. */
  validate?: (text: string) => string | null | undefined;
}

/** A text field; multi-line with `rows`. */
export function Field({ label, hint, placeholder, rows, validate, isRequired = false, ...props }: FieldProps) {
  const error = useFieldError(props.name);
  useFieldRule(props.name, validate);
  useHiddenErrorOf(props);
  // Free text has its own direction; email addresses, passwords and numbers have the page's.
  const dir = props.type === undefined && props.inputMode === undefined ? 'auto' : undefined;
  const input = { dir, placeholder: placeholder ?? '', required: isRequired };
  return (
    <AriaTextField
      {...props}
      isRequired={isRequired}
      validationBehavior="aria"
      isInvalid={error !== undefined && !error.edited}
      className="flex flex-col gap-1.5"
    >
      <Label className={labelStyle}>{label}</Label>
      {rows === undefined ? (
        <Input {...input} className={`${inputStyle} h-12`} />
      ) : (
        <TextArea {...input} rows={rows} className={`${inputStyle} resize-y py-3`} />
      )}
      {hint && (
        <Text slot="description" className="text-sm text-muted">
          {hint}
        </Text>
      )}
      {error && !error.edited && <FieldError className={errorStyle}>{error.message}</FieldError>}
      {error?.edited && <ErrorPlaceholder message={error.message} />}
    </AriaTextField>
  );
}

/** The page can change a text too, for example to the name of the chosen file. */
function useHiddenErrorOf({ name, value, defaultValue }: Pick<FieldProps, 'name' | 'value' | 'defaultValue'>): void {
  const hideError = useHideError();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect runs when the text changes
  useEffect(() => {
    if (name !== undefined) hideError(name);
  }, [name, value, defaultValue, hideError]);
}

/** The error of a field that react-aria does not show itself, such as radio cards. */
export function ErrorLine({ name }: { name: string | undefined }) {
  const error = useFieldError(name);
  if (!error) return null;
  if (error.edited) return <ErrorPlaceholder message={error.message} />;
  return <p className={errorStyle}>{error.message}</p>;
}

/** Keeps the space of an error that was just fixed. */
function ErrorPlaceholder({ message }: { message: string }) {
  return (
    <p aria-hidden="true" className={`${errorStyle} invisible`}>
      {message}
    </p>
  );
}

const errorStyle = 'text-sm font-medium text-danger-300';
