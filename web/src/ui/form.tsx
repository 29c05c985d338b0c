import {
  createContext,
  type FormEvent,
  type FormHTMLAttributes,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';

type Validate = (text: string) => string | null | undefined;

interface FormState {
  errors: Record<string, string>;
  /** The fields that were changed since: their errors are no longer shown, but keep their lines. */
  edited: ReadonlySet<string>;
  /** Adds a field's own rule; answers how to take it back. */
  addRule: (name: string, rule: Validate) => () => void;
}

const FormContext = createContext<FormState>({ errors: {}, edited: new Set(), addRule: () => () => undefined });

interface FormProps extends Pick<FormHTMLAttributes<HTMLFormElement>, 'className' | 'onInput'> {
  /** What the service refused, by the names of the fields. */
  validationErrors?: Record<string, string>;
  /** Called when the form has nothing wrong with it, as far as the page can know. */
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  children: ReactNode;
}

/**
 * A form that checks its fields when it is submitted, in the service's words. Until the next submit no error gives up its
 * line: a button that moved when a field is left would lose the click that left it.
 */
export function Form({ validationErrors = {}, onSubmit, children, ...props }: FormProps) {
  const element = useRef<HTMLFormElement>(null);
  const rules = useRef(new Map<string, Validate>());
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [edited, setMended] = useState<ReadonlySet<string>>(new Set());

  const show = (found: Record<string, string>) => {
    setErrors(found);
    setMended(new Set());
    fieldsOf(element.current)
      .find(({ name }) => found[name])
      ?.focus();
  };

  // The service's answer is a new object at each render: it is news when its words are.
  const refused = JSON.stringify(validationErrors);
  const showing = useRef(show);
  showing.current = show;
  useEffect(() => {
    if (refused !== '{}') showing.current(JSON.parse(refused) as Record<string, string>);
  }, [refused]);

  const state = useMemo(
    (): FormState => ({
      errors,
      edited,
      addRule: (name, rule) => {
        rules.current.set(name, rule);
        return () => void rules.current.delete(name);
      },
    }),
    [errors, edited],
  );

  return (
    <form
      {...props}
      ref={element}
      noValidate
      onChange={({ target }) => {
        const { name } = target as unknown as { name?: string };
        if (name && errors[name] && !edited.has(name)) setMended(new Set([...edited, name]));
      }}
      onSubmit={(event) => {
        event.preventDefault();
        const found = wrongFields(event.currentTarget, rules.current);
        show(found);
        if (Object.keys(found).length === 0) onSubmit(event);
      }}
    >
      <FormContext.Provider value={state}>{children}</FormContext.Provider>
    </form>
  );
}

/** The error of a field and whether it was changed since. */
export function useFieldError(name: string | undefined): { words: string; edited: boolean } | undefined {
  const { errors, edited } = useContext(FormContext);
  const words = name === undefined ? undefined : errors[name];
  return words === undefined || name === undefined ? undefined : { words, edited: edited.has(name) };
}

/** Checks a field by a rule of its own when the form is submitted. */
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

function wrongFields(form: HTMLFormElement, rules: Map<string, Validate>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const field of fieldsOf(form)) {
    const wrong = wrongIn(field) ?? rules.get(field.name)?.(field.value);
    if (wrong && field.name && !(field.name in found)) found[field.name] = wrong;
  }
  return found;
}

/** What is wrong with a field as the service would say it (`shared/kernel/src/text.rs`, `shared/domain/src/account.rs`). */
function wrongIn({ required, value, validity, minLength, type }: FormField): string | undefined {
  if (required && type !== 'radio' && value.trim() === '') return 'Must not be empty.';
  if (validity.typeMismatch) return 'Must be an e-mail address such as ada@example.org.';
  const length = [...value].length;
  if (minLength > 0 && length > 0 && length < minLength) return `Must have at least ${minLength} characters.`;
  return undefined;
}

/** The texts of a submitted form by the names of its fields; a field that is not there is empty. */
export function textsOf<Name extends string>(form: HTMLFormElement, ...names: Name[]): Record<Name, string> {
  const data = new FormData(form);
  const entries = names.map((name) => {
    const value = data.get(name);
    return [name, typeof value === 'string' ? value : ''] as const;
  });
  return Object.fromEntries(entries) as Record<Name, string>;
}
