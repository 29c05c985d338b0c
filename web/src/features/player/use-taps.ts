import { type MouseEvent, type PointerEvent, useMemo, useRef } from 'react';
import type { Actions } from './components/controls';
import { tapAction } from './rules';
import type { Command } from './shortcuts';

/**
 * Clicks and taps on the video. A mouse click plays or pauses, a double-click toggles full screen. A tap shows the controls,
 * a double tap at a side skips ten seconds.
 */
export function useTaps(actions: Actions, run: (command: Command) => void) {
  const pointer = useRef('mouse');
  const lastTap = useRef(Number.NEGATIVE_INFINITY);

  return useMemo(
    () => ({
      onPointerDown: ({ pointerType }: PointerEvent) => {
        pointer.current = pointerType;
      },
      onClick: ({ clientX, currentTarget, timeStamp }: MouseEvent) => {
        if (pointer.current !== 'touch') {
          actions.togglePlay();
          return;
        }
        const { left, width } = currentTarget.getBoundingClientRect();
        const means = tapAction((clientX - left) / width, timeStamp - lastTap.current);
        lastTap.current = timeStamp;
        if (means === 'toggle-play') actions.togglePlay();
        else if (means !== 'show-controls') run({ do: 'seek-by', seconds: means });
      },
      onDoubleClick: () => {
        if (pointer.current !== 'touch') actions.toggleFullscreen();
      },
    }),
    [actions, run],
  );
}
