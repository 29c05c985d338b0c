// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { show } from '../../../../tests/dom';
import { SeekBar } from './seek-bar';

const onSeek = vi.fn();

describe('the seek bar', () => {
  beforeEach(() => onSeek.mockClear());

  async function focused() {
    show(<SeekBar time={65} duration={600} buffered={[{ start: 60, end: 90 }]} onSeek={onSeek} />);
    const bar = await screen.findByRole('slider', { name: 'Position' });
    bar.focus();
    return bar;
  }

  it('announces the position', async () => {
    const bar = await focused();
    expect(bar.getAttribute('aria-valuetext')).toBe('1 minute 5 seconds of 10 minutes');
    expect(bar.getAttribute('aria-valuemax')).toBe('600');
  });

  it.each([
    ['{ArrowRight}', 70],
    ['{ArrowLeft}', 60],
    ['{PageUp}', 125],
    ['{Home}', 0],
    ['{End}', 600],
  ])('seeks with %s to %d s', async (key, time) => {
    await focused();
    await userEvent.keyboard(key);
    expect(onSeek).toHaveBeenCalledWith(time);
  });

  it('leaves other keys to the player', async () => {
    await focused();
    await userEvent.keyboard('m');
    expect(onSeek).not.toHaveBeenCalled();
  });
});
