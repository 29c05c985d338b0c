import openapi from '../../openapi.json';

type Schemas = (typeof openapi)['components']['schemas'];

/** What the service's own code gives as examples of what it answers. */
export function samples<T>(
  name: { [K in keyof Schemas]: Schemas[K] extends { examples: unknown } ? K : never }[keyof Schemas],
): T[] {
  return openapi.components.schemas[name].examples as T[];
}
