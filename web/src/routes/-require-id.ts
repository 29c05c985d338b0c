import { notFound } from '@tanstack/react-router';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Shows the page for addresses that lead nowhere when this is no id: the service need not be asked. */
export function requireId(id: string): void {
  if (!uuid.test(id)) throw notFound();
}
