// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { show } from '../../../../tests/dom';
import type { EngineState } from '../engine';
import { type Actions, SoundMenu } from './controls';

const engine = (sounds: EngineState['sounds']): EngineState => ({
  rungs: [],
  chosen: -1,
  playing: -1,
  sounds,
  sound: sounds[0]?.track ?? -1,
  captions: [],
  caption: -1,
  lines: [],
  problem: undefined,
});

const english = { track: 0, name: 'English' };
const french = { track: 1, name: 'French' };

describe('the sound menu', () => {
  it('offers every sound of the film', async () => {
    const chooseSound = vi.fn();
    show(<SoundMenu engine={engine([english, french])} actions={{ chooseSound } as unknown as Actions} />);
    await userEvent.click(await screen.findByRole('button', { name: 'Sound: English' }));
    await userEvent.click(await screen.findByRole('menuitemradio', { name: 'French' }));
    expect(chooseSound).toHaveBeenCalledWith(1);
  });

  it('is not there for a film with one sound', async () => {
    show(
      <>
        <p>Player</p>
        <SoundMenu engine={engine([english])} actions={{} as Actions} />
      </>,
    );
    await screen.findByText('Player');
    expect(screen.queryByRole('button')).toBeNull();
  });
});
