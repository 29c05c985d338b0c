// @vitest-environment jsdom
import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import type { Timeline } from '@/api/types';
import { intercept, serveMock, show, signInAs } from '../../../../tests/dom';
import { samples } from '../../../../tests/samples';
import { RedriveForm } from './redrive-form';
import { TimelineView } from './timeline-view';

const failed: Timeline = {
  title_id: 't',
  state: 'failed',
  attempt: 2,
  redrivable: true,
  steps: [
    { step: 'upload', state: 'done', started_at: '2026-03-05T12:00:00Z', finished_at: '2026-03-05T12:00:04Z' },
    {
      step: 'transcode',
      state: 'failed',
      reason: { error: 'TranscodeInterrupted', sentence: 'The transcoder lost the job half-way.' },
    },
    { step: 'verify', state: 'waiting' },
  ],
};

function answerWith(timeline: Timeline) {
  serveMock();
  signInAs('admin');
  intercept((request) => (request.url.endsWith('/timeline') ? Response.json(timeline) : undefined));
}

describe('the timeline', () => {
  it('explains a failure at the step where it happened', async () => {
    answerWith(failed);
    show(<TimelineView titleId="t" visibility="public" as="owner" />);
    expect(await screen.findByText('The transcoder lost the job half-way.')).toBeDefined();
    expect(screen.getByText('Attempt 2')).toBeDefined();
    expect(screen.getByRole('status').textContent).toBe('Transcoding failed');
    expect(screen.getAllByRole('listitem').map((row) => row.textContent)).toEqual([
      expect.stringContaining('File uploaded'),
      expect.stringContaining('Transcoding failed'),
      expect.stringContaining('Check playback'),
    ]);
  });

  it('shows the name of the error to admins only', async () => {
    answerWith(failed);
    const { unmount } = show(<TimelineView titleId="t" visibility="public" as="owner" />);
    expect(await screen.findByText('The transcoder lost the job half-way.')).toBeDefined();
    expect(screen.queryByText('TranscodeInterrupted')).toBeNull();
    unmount();
    show(<TimelineView titleId="t" visibility="public" as="admin" />);
    expect(await screen.findByText('TranscodeInterrupted')).toBeDefined();
  });

  it('shows the notes of a successful step', async () => {
    const note = 'Sound track 9 is left out: at most 8 are offered.';
    answerWith({ ...failed, state: 'processing', steps: [{ step: 'validate', state: 'done', notes: [note] }] });
    show(<TimelineView titleId="t" visibility="public" as="owner" />);
    expect(await screen.findByText(note)).toBeDefined();
  });

  it('shows progress as an accessible progress bar', async () => {
    answerWith({
      ...failed,
      state: 'processing',
      steps: [{ step: 'transcode', state: 'running', progress_percent: 43, phase: 'TRANSCODING' }],
    });
    show(<TimelineView titleId="t" visibility="public" as="owner" />);
    const bar = await screen.findByRole('progressbar');
    expect(bar.getAttribute('aria-valuenow')).toBe('43');
    expect(screen.getByText('Transcoding the renditions')).toBeDefined();
  });

  it('shows an error when the timeline cannot be loaded', async () => {
    serveMock();
    signInAs('admin');
    show(<TimelineView titleId="missing" visibility="public" as="owner" />);
    expect((await screen.findByRole('alert')).textContent).toContain(
      'There is no such title, or you have no access to it.',
    );
  });
});

describe.each(samples<Timeline>('Timeline'))('a title that is $state', (timeline) => {
  it('shows a row for every step, and the quote', async () => {
    answerWith(timeline);
    show(<TimelineView titleId="t" visibility="public" as="owner" />);
    expect(await screen.findAllByRole('listitem')).toHaveLength(timeline.steps.length);
    if (timeline.quote) expect(screen.getByText('Transcoding costs Marquee at most')).toBeDefined();
  });
});

it('shows the billed time of an output in seconds, not in parts of a minute', async () => {
  const line = { what: 'audio', multiplier_milli: 500, amount_micros: 20 };
  const lines = [167, 9_950].map((minutes_milli) => ({ ...line, what: `audio ${minutes_milli}`, minutes_milli }));
  answerWith({
    ...failed,
    quote: { amount_micros: 40, budget_micros: 500, currency: 'USD', unverified: false, lines },
  });
  show(<TimelineView titleId="t" visibility="public" as="owner" />);
  // In a closed `<details>`.
  const cells = await screen.findAllByRole('cell', { hidden: true });
  expect(cells.map((cell) => cell.textContent).filter((text) => / s$/.test(text ?? ''))).toEqual([
    '10 s',
    '9 min 57 s',
  ]);
});

describe('a redrive', () => {
  it('restarts from the failed step by default', async () => {
    const bodies: unknown[] = [];
    answerWith(failed);
    intercept(async (request) => {
      if (!request.url.endsWith('/redrive')) return undefined;
      bodies.push(await request.json());
      return Response.json({ ...failed, state: 'processing', redrivable: false }, { status: 202 });
    });
    show(<RedriveForm titleId="t" />);
    await userEvent.click(await screen.findByRole('button', { name: 'Run again' }));
    await waitFor(() => expect(bodies).toEqual([{}]));
  });

  it('is not offered when it cannot help', async () => {
    answerWith({ ...failed, redrivable: false });
    show(
      <>
        <TimelineView titleId="t" visibility="public" as="owner" />
        <RedriveForm titleId="t" />
      </>,
    );
    await screen.findByText('Attempt 2');
    expect(screen.queryByRole('button', { name: 'Run again' })).toBeNull();
  });
});
