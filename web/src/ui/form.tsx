import {
  createContext,
  type FormEvent,
  type FormHTMLAttributes,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';

type Validate = (text: string) => string | null | undefined;

interface FormState {
  errors: Record<string, string>;
  /** The fields edited since: their errors are hidden, but keep their space. */
  edited: ReadonlySet<string>;
  /** Adds a field's own check. Returns a function that removes it. */
  addRule: (name: string, rule: Validate) => () => void;
  /** Marks a field as edited. */
  onEdit: (name: string) => void;
}

const FormContext = createContext<FormState>({
  errors: {},
  edited: new Set(),
  addRule: () => () => undefined,
  onEdit: () => undefined,
});

interface FormProps extends Pick<FormHTMLAttributes<HTMLFormElement>, 'className' | 'onInput'> {
  /** The errors from the service, by field name. */
  validationErrors?: Record<string, string>;
  /** Called when the page finds no errors. */
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  children: ReactNode;
}

/**
 * A form that validates its fields on submit, with the service's messages. Errors keep their space until the next
 * submit: if the submit button moved when a field loses the focus, the click that caused it would miss.
 */
export function Form({ validationErrors = {}, onSubmit, children, ...props }: FormProps) {
  const element = useRef<HTMLFormElement>(null);
  const rules = useRef(new Map<string, Validate>());
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [edited, setEdited] = useState<ReadonlySet<string>>(new Set());

  const show = (errorsByField: Record<string, string>) => {
    setErrors(errorsByField);
    setEdited(new Set());
    fieldsOf(element.current)
      .find(({ name }) => errorsByField[name])
      ?.focus();
  };

  // The errors are a new object on each render, so compare their text.
  const serviceErrors = JSON.stringify(validationErrors);
  const latestShow = useRef(show);
  latestShow.current = show;
  useEffect(() => {
    if (serviceErrors !== '{}') latestShow.current(JSON.parse(serviceErrors) as Record<string, string>);
  }, [serviceErrors]);

  const onEdit = useCallback((name: string) => setEdited((before) => withEdited(before, name)), []);
  const state = useMemo(
    (): FormState => ({
      errors,
      edited,
      onEdit,
      addRule: (name, rule) => {
        rules.current.set(name, rule);
        return () => void rules.current.delete(name);
      },
    }),
    [errors, edited, onEdit],
  );

  return (
    <form
      {...props}
      ref={element}
      noValidate
      onChange={({ target }) => {
        const { name } = target as unknown as { name?: string };
        if (name) onEdit(name);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const errorsByField = invalidFields(event.currentTarget, rules.current);
        show(errorsByField);
        if (Object.keys(errorsByField).length === 0) onSubmit(event);
      }}
    >
      <FormContext.Provider value={state}>{children}</FormContext.Provider>
    </form>
  );
}

function withEdited(edited: ReadonlySet<string>, name: string): ReadonlySet<string> {
  return edited.has(name) ? edited : new Set([...edited, name]);
}

/** The error of a field, and whether the field was edited since. */
export function useFieldError(name: string | undefined): { message: string; edited: boolean } | undefined {
  const { errors, edited } = useContext(FormContext);
  const message = name === undefined ? undefined : errors[name];
  return message === undefined || name === undefined ? undefined : { message, edited: edited.has(name) };
}

/** Hides the error of a field whose value was not changed by typing, for example because a code was sent again. */
export function useHideError(): (name: string) => void {
  return useContext(FormContext).onEdit;
}

/** Whether none of these fields has an error any more, or each was edited since. */
export function useAllCorrected(names: string[]): boolean {
  const { errors, edited } = useContext(FormContext);
  return names.every((name) => errors[name] === undefined || edited.has(name));
}

/** Adds a check to a field on submit. */
export function useFieldRule(name: string | undefined, rule: Validate | undefined): void {
  const { addRule } = useContext(FormContext);
  const latest = useRef(rule);
  latest.current = rule;
  const hasRule = rule !== undefined;
  useEffect(() => {
    if (name === undefined || !hasRule) return;
    return addRule(name, (text) => latest.current?.(text));
  }, [name, hasRule, addRule]);
}

type FormField = HTMLInputElement | HTMLTextAreaElement;

function fieldsOf(form: HTMLFormElement | null): FormField[] {
  return [...(form?.elements ?? [])].filter(
    (each): each is FormField => each instanceof HTMLInputElement || each instanceof HTMLTextAreaElement,
  );
}

function invalidFields(form: HTMLFormElement, rules: Map<string, Validate>): Record<string, string> {
  const errorsByField: Record<string, string> = {};
  for (const field of fieldsOf(form)) {
    const error = errorOf(field) ?? rules.get(field.name)?.(field.value);
    if (error && field.name && !(field.name in errorsByField)) errorsByField[field.name] = error;
  }
  return errorsByField;
}

/** The error of a field, with the service's message (`shared/kernel/src/text.rs`, `shared/domain/src/account.rs`). */
function errorOf({ required, value, validity, minLength, type }: FormField): string | undefined {
  if (required && type !== 'radio' && value.trim() === '') return 'Must not be empty.';
  if (validity.typeMismatch) return 'Must be an email address such as ada@example.org.';
  const length = [...value].length;
  if (minLength > 0 && length > 0 && length < minLength) return `Must have at least ${minLength} characters.`;
  return undefined;
}

/** The texts of a form by field name; missing fields are empty. */
export function textsOf<Name extends string>(form: HTMLFormElement, ...names: Name[]): Record<Name, string> {
  const data = new FormData(form);
  const entries = names.map((name) => {
    const value = data.get(name);
    return [name, typeof value === 'string' ? value : ''] as const;
  });
  return Object.fromEntries(entries) as Record<Name, string>;
}
