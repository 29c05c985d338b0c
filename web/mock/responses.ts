/** Responses in the service's format. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** The status and title of each kind of problem. `tests/mock-texts.test.ts` compares them with the service's list. */
export const kinds: Record<string, [status: number, title: string]> = {
  unauthorized: [401, 'Sign in first'],
  forbidden: [403, 'This is not allowed'],
  'not-found': [404, 'There is no such thing'],
  conflict: [409, 'The current state does not allow this'],
  'invalid-fields': [422, 'Some fields are not valid'],
};

export function problem(kind: string, detail: string, errors?: { pointer: string; detail: string }[]): Response {
  const [status, title] = kinds[kind] ?? [500, 'Something went wrong on our side'];
  const body = {
    type: `/problems/${kind}`,
    title,
    status,
    detail,
    request_id: 'mock',
    instance: '/api',
    errors,
  };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}

/** A problem about invalid fields, like `shared/runtime/src/http/problem.rs`. */
export function invalidFields(errors: { pointer: string; detail: string }[]): Response {
  const [first] = errors;
  const detail = errors.length === 1 && first ? `\`${first.pointer}\` ${first.detail}` : undefined;
  return problem('invalid-fields', detail ?? `${errors.length} fields are not valid: see \`errors\``, errors);
}
