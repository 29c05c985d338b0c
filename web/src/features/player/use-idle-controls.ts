import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const SLEEP_AFTER_MS = 2_800;

/** Whether the controls are shown: after a movement for a while, always while `held`, and while the keyboard is in them. */
export function useAwake(root: RefObject<HTMLElement | null>, held: boolean) {
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const wake = useCallback(() => {
    setAwake(true);
    clearTimeout(timer.current);
    const sleep = () => {
      if (keyboardWithin(root.current)) timer.current = setTimeout(sleep, SLEEP_AFTER_MS);
      else setAwake(false);
    };
    timer.current = setTimeout(sleep, SLEEP_AFTER_MS);
  }, [root]);

  useEffect(() => {
    wake();
    const element = root.current;
    element?.addEventListener('focusin', wake);
    return () => {
      clearTimeout(timer.current);
      element?.removeEventListener('focusin', wake);
    };
  }, [root, wake]);

  return { awake: awake || held, wake };
}

function keyboardWithin(root: HTMLElement | null): boolean {
  const active = document.activeElement;
  return (
    root !== null && active !== null && active !== root && root.contains(active) && active.matches(':focus-visible')
  );
}
