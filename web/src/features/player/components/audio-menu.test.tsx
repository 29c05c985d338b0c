// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { show } from '../../../../tests/dom';
import type { EngineState } from '../engine';
import { type Actions, AudioMenu } from './controls';

const engine = (audioTracks: EngineState['audioTracks']): EngineState => ({
  rungs: [],
  selected: -1,
  playing: -1,
  audioTracks,
  audioTrack: audioTracks[0]?.track ?? -1,
  captions: [],
  caption: -1,
  captionLines: [],
  problem: undefined,
});

const english = { track: 0, name: 'English' };
const french = { track: 1, name: 'French' };

describe('the audio menu', () => {
  it('lists every audio track', async () => {
    const selectAudioTrack = vi.fn();
    show(<AudioMenu engine={engine([english, french])} actions={{ selectAudioTrack } as unknown as Actions} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Audio: English' }));
    await userEvent.click(await screen.findByRole('menuitemradio', { name: 'French' }));
    expect(selectAudioTrack).toHaveBeenCalledWith(1);
  });

  it('is hidden for a film with one audio track', async () => {
    show(
      <>
        <p>Player</p>
        <AudioMenu engine={engine([english])} actions={{} as Actions} />
      </>,
    );
    await screen.findByText('Player');
    expect(screen.queryByRole('button')).toBeNull();
  });
});
