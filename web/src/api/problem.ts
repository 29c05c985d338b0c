/** Every way a request can fail, as one type that a page can show. */

/** A field that the server refused, by the name of the form field it belongs to. */
export type FieldErrors = Record<string, string>;

export type ProblemKind =
  | 'invalid-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'payload-too-large'
  | 'invalid-fields'
  | 'too-many-requests'
  | 'internal'
  | 'unavailable'
  | 'offline';

export interface Problem {
  kind: ProblemKind;
  status: number;
  /** A heading: what happened, in a few words. */
  title: string;
  /** A sentence: what it means and what to do. */
  detail: string;
  fields: FieldErrors;
  requestId?: string;
}

/** The thrown form, so that TanStack Query carries it. */
export class ProblemError extends Error {
  override name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

interface Words {
  status: number;
  title: string;
  detail: string;
}

const words: Record<ProblemKind, Words> = {
  'invalid-request': {
    status: 400,
    title: 'That request made no sense',
    detail: 'Reload the page and try again; the app may be older than the service.',
  },
  unauthorized: { status: 401, title: 'You are signed out', detail: 'Sign in again to go on.' },
  forbidden: { status: 403, title: 'Not yours to see', detail: 'Your account does not have the right to do this.' },
  'not-found': { status: 404, title: 'Nothing here', detail: 'It may have been removed, or the address is wrong.' },
  conflict: {
    status: 409,
    title: 'Not possible as it stands',
    detail: 'Someone or something changed this since you opened it. Load it again and repeat what you did.',
  },
  'payload-too-large': { status: 413, title: 'Too large', detail: 'What you sent is larger than Marquee takes.' },
  'invalid-fields': { status: 422, title: 'Some fields need another look', detail: 'See the marked fields.' },
  'too-many-requests': { status: 429, title: 'Too many tries', detail: 'Wait a moment and try again.' },
  internal: {
    status: 500,
    title: 'Something broke on our side',
    detail: 'It is not your doing. Try again; if it stays, tell us the request id.',
  },
  unavailable: { status: 503, title: 'Not available right now', detail: 'The service is busy. Try again in a moment.' },
  offline: {
    status: 0,
    title: 'No connection',
    detail: 'Marquee could not be reached. Check your connection and try again.',
  },
};

/** A problem of a kind, in our own words unless better ones came along. */
export function problemOf(kind: ProblemKind, more: Partial<Omit<Problem, 'kind'>> = {}): Problem {
  return { kind, fields: {}, ...words[kind], ...more };
}

/** The kind that a status means when nothing better is said. */
export function kindOfStatus(status: number): ProblemKind {
  const exact = (Object.keys(words) as ProblemKind[]).find((kind) => words[kind].status === status);
  if (exact && exact !== 'offline') return exact;
  if (status === 502 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid-request';
}

/**
 * Reads what a failed request answered: problem+json, the gateway's `{"message"}`, or nothing of use. The gateway's is a
 * word such as "Forbidden" that helps nobody: the status says as much, and our words are clearer.
 */
export function problemFrom(status: number, body: unknown): Problem {
  const said = isObject(body) ? body : {};
  const kind = kindNamed(said.type) ?? kindOfStatus(status);

  const fields = fieldErrors(said.errors);
  return problemOf(kind, {
    status,
    fields,
    ...defined({
      requestId: text(said.request_id),
      // What is wrong with a field stands beside that field.
      detail: Object.keys(fields).length > 0 ? undefined : sentence(text(said.detail)),
    }),
  });
}

/** What was thrown, as a problem: also a lost connection and our own mistakes. */
export function problemIn(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  // fetch rejects with a TypeError when there is no answer at all.
  if (thrown instanceof TypeError) return problemOf('offline');
  return problemOf('internal', {
    detail: 'The app ran into something it did not expect. Reload the page and try again.',
  });
}

/** Whether trying the same again may help. */
export function worthRetrying(problem: Problem): boolean {
  return ['offline', 'unavailable', 'internal', 'too-many-requests'].includes(problem.kind);
}

/** Whether the request id is of use to somebody: what people can mend themselves needs no report. */
export function worthReporting(problem: Problem): boolean {
  return problem.kind === 'internal' || problem.kind === 'unavailable';
}

function fieldErrors(errors: unknown): FieldErrors {
  if (!Array.isArray(errors)) return {};
  const fields: FieldErrors = {};
  for (const error of errors) {
    if (!isObject(error)) continue;
    const field = fieldOfPointer(text(error.pointer) ?? '');
    const detail = sentence(text(error.detail));
    if (detail && !(field in fields)) fields[field] = detail;
  }
  return fields;
}

/**
 * `/genres/2` is about the field `genres`, `/stop/people` about the field `stop/people`; the empty pointer is about the
 * whole form.
 */
export function fieldOfPointer(pointer: string): string {
  const segments = pointer.replace(/^#/, '').split('/').slice(1);
  const index = segments.findIndex((segment, at) => at > 0 && /^\d+$/.test(segment));
  return segments
    .slice(0, index < 0 ? undefined : index)
    .map((segment) => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('/');
}

function kindNamed(type: unknown): ProblemKind | undefined {
  const name = text(type)?.split('/').pop();
  return name !== undefined && name in words ? (name as ProblemKind) : undefined;
}

/** The API's errors start in lower case without a full stop; people read sentences. */
function sentence(said: string | undefined): string | undefined {
  if (!said) return undefined;
  const upper = said.charAt(0).toUpperCase() + said.slice(1);
  return /[.!?…]$/.test(upper) || !upper.includes(' ') ? upper : `${upper}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function defined<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
