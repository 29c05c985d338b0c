/** Every way a request can fail, as one type that pages can show. */

/** Errors of refused fields, by form field name. */
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
  /** The heading: what happened, in a few words. */
  title: string;
  /** What it means and what to do next. */
  detail: string;
  fields: FieldErrors;
  requestId?: string;
}

/** Carries a problem as an error, for TanStack Query. */
export class ProblemError extends Error {
  override name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

interface ProblemText {
  status: number;
  title: string;
  detail: string;
}

const texts: Record<ProblemKind, ProblemText> = {
  'invalid-request': {
    status: 400,
    title: 'Something is wrong with this request',
    detail: 'Reload the page and try again. The app may be out of date.',
  },
  unauthorized: { status: 401, title: 'You are signed out', detail: 'Sign in again to continue.' },
  forbidden: { status: 403, title: 'You don’t have access', detail: 'Your account is not allowed to do this.' },
  'not-found': { status: 404, title: 'Not found', detail: 'It may have been removed, or the link is wrong.' },
  conflict: {
    status: 409,
    title: 'That’s not possible right now',
    detail: 'Someone changed this since you opened it. Reload the page and try again.',
  },
  'payload-too-large': { status: 413, title: 'Too large', detail: 'This is larger than Marquee accepts.' },
  'invalid-fields': { status: 422, title: 'Some fields are invalid', detail: 'Check the marked fields.' },
  'too-many-requests': { status: 429, title: 'Too many attempts', detail: 'Wait a moment, then try again.' },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    detail: 'It’s not your fault. Try again; if it keeps happening, send us the request ID.',
  },
  unavailable: { status: 503, title: 'Temporarily unavailable', detail: 'Marquee is busy. Try again in a moment.' },
  offline: {
    status: 0,
    title: 'No connection',
    detail: 'Marquee cannot be reached. Check your connection and try again.',
  },
};

/** A problem of a kind, with our default texts unless others are given. */
export function newProblem(kind: ProblemKind, more: Partial<Omit<Problem, 'kind'>> = {}): Problem {
  return { kind, fields: {}, ...texts[kind], ...more };
}

/** The kind that a status implies when the response names none. */
export function kindForStatus(status: number): ProblemKind {
  const exact = (Object.keys(texts) as ProblemKind[]).find((kind) => texts[kind].status === status);
  if (exact && exact !== 'offline') return exact;
  if (status === 502 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid-request';
}

/**
 * Parses the body of a failed response: problem+json, the gateway's `{"message"}`, or anything else. The gateway's message
 * only repeats the status ("Forbidden"), so our own text replaces it.
 */
export function problemFromResponse(status: number, body: unknown): Problem {
  const content = isObject(body) ? body : {};
  const kind = kindFromType(content.type) ?? kindForStatus(status);

  const fields = fieldErrors(content.errors);
  return newProblem(kind, {
    status,
    fields,
    ...defined({
      requestId: text(content.request_id),
      // Field errors are shown next to their fields.
      detail: Object.keys(fields).length > 0 ? undefined : sentence(text(content.detail)),
    }),
  });
}

/** Turns anything thrown into a problem, including lost connections and our own bugs. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  // fetch rejects with a TypeError when there is no response.
  if (thrown instanceof TypeError) return newProblem('offline');
  return newProblem('internal', {
    detail: 'The app ran into an unexpected error. Reload the page and try again.',
  });
}

/** Whether the same request may succeed later. */
export function isRetryable(problem: Problem): boolean {
  return ['offline', 'unavailable', 'internal', 'too-many-requests'].includes(problem.kind);
}

/** Whether trying again cannot help. A refusal can be over in a moment: a role was granted, or a limit of requests has passed. */
export function isFinal(problem: Problem): boolean {
  return problem.kind === 'not-found';
}

/** Whether to show the request ID: problems that users can fix themselves need no report. */
export function isReportable(problem: Problem): boolean {
  return problem.kind === 'internal' || problem.kind === 'unavailable';
}

function fieldErrors(errors: unknown): FieldErrors {
  if (!Array.isArray(errors)) return {};
  const fields: FieldErrors = {};
  for (const error of errors) {
    if (!isObject(error)) continue;
    const field = fieldForPointer(text(error.pointer) ?? '');
    const detail = sentence(text(error.detail));
    if (detail && !(field in fields)) fields[field] = detail;
  }
  return fields;
}

/**
 * `/genres/2` belongs to the field `genres`, `/stop/people` to the field `stop/people`, and the empty pointer to the whole
 * form.
 */
export function fieldForPointer(pointer: string): string {
  const segments = pointer.replace(/^#/, '').split('/').slice(1);
  const index = segments.findIndex((segment, at) => at > 0 && /^\d+$/.test(segment));
  return segments
    .slice(0, index < 0 ? undefined : index)
    .map((segment) => decodeURIComponent(segment).replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('/');
}

function kindFromType(type: unknown): ProblemKind | undefined {
  const name = text(type)?.split('/').pop();
  return name !== undefined && name in texts ? (name as ProblemKind) : undefined;
}

/** Turns an API error, which starts in lower case and has no full stop, into a sentence. */
function sentence(detail: string | undefined): string | undefined {
  if (!detail) return undefined;
  const upper = detail.charAt(0).toUpperCase() + detail.slice(1);
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
