import { expect, it } from 'vitest';
import { resumeFrom } from './rules';

it.each([
  [2_000, 60_000, 0],
  [9_999, 60_000, 0],
  [10_000, 60_000, 10_000],
  [60_000, 7_200_000, 0],
  [144_000, 7_200_000, 144_000],
])('a film stopped at %d of %d ms resumes at %d', (stopped, duration, at) => {
  expect(resumeFrom(stopped, duration)).toBe(at);
});
