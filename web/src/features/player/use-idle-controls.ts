import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const HIDE_AFTER_MS = 2_800;

/** Whether the controls are shown: after a movement for a while, always while `store`, and while the keyboard is in them. */
export function useIdleControls(root: RefObject<HTMLElement | null>, store: boolean) {
  const [controlsVisible, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const showControls = useCallback(() => {
    setAwake(true);
    clearTimeout(timer.current);
    const sleep = () => {
      if (keyboardWithin(root.current)) timer.current = setTimeout(sleep, HIDE_AFTER_MS);
      else setAwake(false);
    };
    timer.current = setTimeout(sleep, HIDE_AFTER_MS);
  }, [root]);

  useEffect(() => {
    showControls();
    const element = root.current;
    element?.addEventListener('focusin', showControls);
    return () => {
      clearTimeout(timer.current);
      element?.removeEventListener('focusin', showControls);
    };
  }, [root, showControls]);

  return { controlsVisible: controlsVisible || store, showControls };
}

function keyboardWithin(root: HTMLElement | null): boolean {
  const active = document.activeElement;
  return (
    root !== null && active !== null && active !== root && root.contains(active) && active.matches(':focus-visible')
  );
}
