/** Answers as the service gives them. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

/** The kinds with their status and title: `tests/mock-words.test.ts` holds them to the service's own list. */
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

/** Fields that are not what they should be, as `shared/runtime/src/http/problem.rs` tells of them. */
export function invalidFields(errors: { pointer: string; detail: string }[]): Response {
  const [first] = errors;
  const only = errors.length === 1 && first ? `\`${first.pointer}\` ${first.detail}` : undefined;
  return problem('invalid-fields', only ?? `${errors.length} fields are not valid: see \`errors\``, errors);
}
