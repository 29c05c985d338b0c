import { notFound } from '@tanstack/react-router';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Shows the not-found page for a malformed ID, without asking the service. */
export function requireId(id: string): void {
  if (!uuid.test(id)) throw notFound();
}
