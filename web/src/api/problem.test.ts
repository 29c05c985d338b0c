import { describe, expect, it } from 'vitest';
import {
  fieldOfPointer,
  kindOfStatus,
  ProblemError,
  problemFrom,
  problemIn,
  problemOf,
  worthRetrying,
} from './problem';

describe('problemFrom', () => {
  it('reads problem+json, with field errors by their pointers', () => {
    const problem = problemFrom(422, {
      type: '/problems/invalid-fields',
      title: 'Some fields are not valid',
      status: 422,
      detail: 'two fields need another look',
      request_id: 'r-1',
      errors: [
        { pointer: '/name', detail: 'must not be empty' },
        { pointer: '/genres/2', detail: 'must be lower case words' },
        { pointer: '/genres/3', detail: 'is there twice' },
      ],
    });

    expect(problem).toMatchObject({
      kind: 'invalid-fields',
      status: 422,
      title: 'Some fields need another look',
      detail: 'See the marked fields.',
      requestId: 'r-1',
      fields: { name: 'Must not be empty.', genres: 'Must be lower case words.' },
    });
  });

  it("puts our words in place of the gateway's", () => {
    expect(problemFrom(401, { message: 'Unauthorized' })).toEqual(problemOf('unauthorized'));
    expect(problemFrom(429, { message: 'Too Many Requests' }).kind).toBe('too-many-requests');
    expect(problemFrom(503, { message: 'Service Unavailable' }).kind).toBe('unavailable');
  });

  it('copes with an answer that is no JSON at all', () => {
    expect(problemFrom(502, undefined).kind).toBe('unavailable');
    expect(problemFrom(500, '<html>').kind).toBe('internal');
    expect(problemFrom(418, null).kind).toBe('invalid-request');
  });

  it('goes by the status when it does not know the type', () => {
    expect(problemFrom(409, { type: '/problems/brand-new', detail: 'something else' })).toMatchObject({
      kind: 'conflict',
      detail: 'Something else.',
    });
  });
});

describe('problemIn', () => {
  it('takes problems as they are, lost connections as offline, the rest as ours', () => {
    const problem = problemOf('conflict');
    expect(problemIn(new ProblemError(problem))).toBe(problem);
    expect(problemIn(new TypeError('Failed to fetch')).kind).toBe('offline');
    expect(problemIn(new RangeError('oops')).kind).toBe('internal');
  });
});

describe('fieldOfPointer', () => {
  it.each([
    ['/email', 'email'],
    ['#/email', 'email'],
    ['/genres/0', 'genres'],
    ['/stop/people', 'stop/people'],
    ['/stop/days/0', 'stop/days'],
    ['/a~1b', 'a/b'],
    ['', ''],
  ])('reads %s as %s', (pointer, field) => {
    expect(fieldOfPointer(pointer)).toBe(field);
  });
});

it('knows what is worth trying again', () => {
  expect(worthRetrying(problemOf('offline'))).toBe(true);
  expect(worthRetrying(problemOf('not-found'))).toBe(false);
});

it('maps every status of the closed list', () => {
  expect([400, 401, 403, 404, 409, 413, 422, 429, 500, 503].map(kindOfStatus)).toEqual([
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
