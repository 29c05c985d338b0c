import { describe, expect, it } from 'vitest';
import {
  fieldForPointer,
  isFinal,
  isRetryable,
  kindForStatus,
  newProblem,
  ProblemError,
  problemFromResponse,
  toProblem,
} from './problem';

describe('problemFromResponse', () => {
  it('reads problem+json and maps field errors by their pointers', () => {
    const problem = problemFromResponse(422, {
      type: '/problems/invalid-fields',
      title: 'Some fields are not valid',
      status: 422,
      detail: 'two fields need another look',
      request_id: 'r-1',
      errors: [
        { pointer: '/name', detail: 'must not be empty' },
        { pointer: '/genres/2', detail: 'must be lower case words' },
        { pointer: '/genres/3', detail: 'is used twice' },
      ],
    });

    expect(problem).toMatchObject({
      kind: 'invalid-fields',
      status: 422,
      title: 'Some fields are invalid',
      detail: 'Check the marked fields.',
      requestId: 'r-1',
      fields: { name: 'Must not be empty.', genres: 'Must be lower case words.' },
    });
  });

  it('replaces the texts of the gateway', () => {
    expect(problemFromResponse(401, { message: 'Unauthorized' })).toEqual(newProblem('unauthorized'));
    expect(problemFromResponse(429, { message: 'Too Many Requests' }).kind).toBe('too-many-requests');
    expect(problemFromResponse(503, { message: 'Service Unavailable' }).kind).toBe('unavailable');
  });

  it('accepts a response without JSON', () => {
    expect(problemFromResponse(502, undefined).kind).toBe('unavailable');
    expect(problemFromResponse(500, '<html>').kind).toBe('internal');
    expect(problemFromResponse(418, null).kind).toBe('invalid-request');
  });

  it('falls back to the status for an unknown type', () => {
    expect(problemFromResponse(409, { type: '/problems/brand-new', detail: 'something else' })).toMatchObject({
      kind: 'conflict',
      detail: 'Something else.',
    });
  });
});

describe('toProblem', () => {
  it('keeps problems, maps lost connections to offline and everything else to internal', () => {
    const problem = newProblem('conflict');
    expect(toProblem(new ProblemError(problem))).toBe(problem);
    expect(toProblem(new TypeError('Failed to fetch')).kind).toBe('offline');
    expect(toProblem(new RangeError('oops')).kind).toBe('internal');
  });
});

describe('fieldForPointer', () => {
  it.each([
    ['/email', 'email'],
    ['#/email', 'email'],
    ['/genres/0', 'genres'],
    ['/stop/people', 'stop/people'],
    ['/stop/days/0', 'stop/days'],
    ['/a~1b', 'a/b'],
    ['', ''],
  ])('reads %s as %s', (pointer, field) => {
    expect(fieldForPointer(pointer)).toBe(field);
  });
});

it('knows which problems are worth retrying', () => {
  expect(isRetryable(newProblem('offline'))).toBe(true);
  expect(isRetryable(newProblem('not-found'))).toBe(false);
});

it('offers another try unless there is nothing to find', () => {
  expect(isFinal(newProblem('not-found'))).toBe(true);
  expect(isFinal(newProblem('forbidden'))).toBe(false);
  expect(isFinal(newProblem('offline'))).toBe(false);
});

it('maps every documented status', () => {
  expect([400, 401, 403, 404, 409, 413, 422, 429, 500, 503].map(kindForStatus)).toEqual([
    'invalid-request',
    'unauthorized',
    'forbidden',
    'not-found',
    'conflict',
    'payload-too-large',
    'invalid-fields',
    'too-many-requests',
    'internal',
    'unavailable',
  ]);
});
