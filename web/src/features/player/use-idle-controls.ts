import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const HIDE_AFTER_MS = 2_800;

/**
 * Whether to show the controls: for a while after activity, always while `keepVisible`, and while the keyboard is in
 * them.
 */
export function useIdleControls(root: RefObject<HTMLElement | null>, keepVisible: boolean) {
  const [controlsVisible, setVisible] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const showControls = useCallback(() => {
    setVisible(true);
    clearTimeout(timer.current);
    const hide = () => {
      if (hasKeyboardFocus(root.current)) timer.current = setTimeout(hide, HIDE_AFTER_MS);
      else setVisible(false);
    };
    timer.current = setTimeout(hide, HIDE_AFTER_MS);
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

  return { controlsVisible: controlsVisible || keepVisible, showControls };
}

function hasKeyboardFocus(root: HTMLElement | null): boolean {
  const active = document.activeElement;
  return (
    root !== null && active !== null && active !== root && root.contains(active) && active.matches(':focus-visible')
  );
}
