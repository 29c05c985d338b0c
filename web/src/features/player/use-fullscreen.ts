import { type RefObject, useCallback, useEffect, useState } from 'react';

/** iPhones can only show the video element itself in full screen. */
interface ApplePhoneVideo extends HTMLVideoElement {
  webkitEnterFullscreen?: () => void;
}

export function useFullscreen(root: RefObject<HTMLElement | null>, video: RefObject<ApplePhoneVideo | null>) {
  const [active, setActive] = useState(false);

  useEffect(() => {
    const update = () => setActive(document.fullscreenElement !== null && document.fullscreenElement === root.current);
    document.addEventListener('fullscreenchange', update);
    return () => document.removeEventListener('fullscreenchange', update);
  }, [root]);

  const toggle = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (root.current?.requestFullscreen) void root.current.requestFullscreen().catch(() => undefined);
    else video.current?.webkitEnterFullscreen?.();
  }, [root, video]);

  return { active, toggle };
}
