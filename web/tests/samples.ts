import openapi from '../../openapi.json';

type Schemas = (typeof openapi)['components']['schemas'];

/** The service's own examples of a schema, from `openapi.json`. */
export function samples<T>(
  name: { [K in keyof Schemas]: Schemas[K] extends { examples: unknown } ? K : never }[keyof Schemas],
): T[] {
  return openapi.components.schemas[name].examples as T[];
}
