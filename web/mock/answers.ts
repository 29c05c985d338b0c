/** Answers as the service gives them. */
export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

const statuses: Record<string, number> = {
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'invalid-fields': 422,
};

export function problem(kind: string, detail: string, errors?: { pointer: string; detail: string }[]): Response {
  const status = statuses[kind] ?? 500;
  const body = {
    type: `/problems/${kind}`,
    title: kind.replaceAll('-', ' '),
    status,
    detail,
    request_id: 'mock',
    instance: '/api',
    errors,
  };
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/problem+json' } });
}
