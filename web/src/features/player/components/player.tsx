import { Pause, Play } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { UNSAFE_PortalProvider as PortalProvider } from 'react-aria/PortalProvider';
import { IconButton } from '@/ui/button';
import { ProblemPanel } from '@/ui/problem-panel';
import { Spinner } from '@/ui/spinner';
import { loadSettings, saveSettings } from '../settings';
import { commandOf } from '../shortcuts';
import { useActions } from '../use-actions';
import { useEngine } from '../use-engine';
import { useFullscreen } from '../use-fullscreen';
import { useHeartbeats } from '../use-heartbeats';
import { useIdleControls } from '../use-idle-controls';
import { useTaps } from '../use-taps';
import { useVideo } from '../use-video';
import { Controls, TouchControls } from './controls';
import { ShortcutHelp } from './shortcut-help';

interface PlayerProps {
  titleId: string;
  name: string;
  poster: string | null | undefined;
  /** Where to start, in seconds. */
  startAt?: number;
  /** Called when the last watch progress of this session is saved. */
  onProgressSaved?: () => void;
}

export function Player({ titleId, name, poster, startAt = 0, onProgressSaved }: PlayerProps) {
  const root = useRef<HTMLElement>(null);
  const element = useRef<HTMLVideoElement>(null);
  const video = useVideo(element);
  const { engine, state, problem, watchSessionId, retry } = useEngine(element, titleId, startAt);
  useHeartbeats(element, titleId, watchSessionId, onProgressSaved);
  const fullscreen = useFullscreen(root, element);
  const [help, setHelp] = useState(false);
  const [shortcuts, setShortcuts] = useState(() => loadSettings().shortcuts);
  const { actions, message, run } = useActions(element, engine, fullscreen.toggle, () => setHelp(true));
  const taps = useTaps(actions, run);
  const { controlsVisible, showControls } = useIdleControls(root, video.paused || help || problem !== undefined);

  // Keyboard users who pressed Play continue in the player.
  useEffect(() => root.current?.focus({ preventScroll: true }), []);

  // Shortcuts work wherever the focus is on the page, except that scrolling keys outside the player still scroll.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const inside = root.current?.contains(event.target as Node) ?? false;
      if (inside) showControls();
      if (!shortcuts || event.defaultPrevented || isHandledElsewhere(event, inside)) return;
      const command = commandOf(event);
      if (!command) return;
      event.preventDefault();
      run(command);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [run, shortcuts, showControls]);

  const portal = useMemo(() => ({ getContainer: () => root.current }), []);

  return (
    <PortalProvider {...portal}>
      <section
        ref={root}
        aria-label={`Player: ${name}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the player handles its keyboard shortcuts
        tabIndex={0}
        onPointerMove={showControls}
        onPointerDown={showControls}
        className={`group/player @container relative isolate flex h-full w-full items-center justify-center overflow-hidden bg-black outline-none forced-color-adjust-none focus-visible:outline-3 focus-visible:-outline-offset-4 ${controlsVisible ? '' : 'cursor-none'}`}
      >
        <video
          ref={element}
          playsInline
          poster={poster ?? undefined}
          className="absolute inset-0 size-full object-contain"
          {...taps}
        />
        {!problem && video.waiting && (
          <div className="pointer-events-none absolute text-accent-400">
            <Spinner label="Loading the film" />
          </div>
        )}
        {!problem && video.paused && !video.waiting && <BigPlay onPress={actions.togglePlay} />}
        <ActionMessage message={message} />
        {!problem && controlsVisible && <TouchControls video={video} engine={state} actions={actions} />}
        <CaptionLines lines={state?.captionLines ?? []} controlsVisible={controlsVisible} />
        {problem ? (
          <div className="absolute inset-0 grid place-items-center-safe overflow-auto bg-surface-950/90">
            <ProblemPanel problem={problem} onRetry={retry} compact />
          </div>
        ) : (
          <div
            className={`absolute inset-x-0 bottom-0 bg-linear-to-t from-black/90 via-black/50 to-transparent transition-opacity duration-300 ${controlsVisible ? '' : 'opacity-0'}`}
          >
            <Controls video={video} engine={state} actions={actions} fullscreen={fullscreen.active} />
          </div>
        )}
        <ShortcutHelp
          isOpen={help}
          onClose={() => setHelp(false)}
          active={shortcuts}
          onActiveChange={(active) => {
            setShortcuts(active);
            saveSettings({ shortcuts: active });
          }}
        />
      </section>
    </PortalProvider>
  );
}

const scrollKeys = ['ArrowUp', 'ArrowDown', 'Home', 'End'];

/** Whether a key belongs to the focused element or to the page: type-ahead in menus, pressed buttons, scrolling. */
function isHandledElsewhere({ target, key }: KeyboardEvent, insidePlayer: boolean): boolean {
  const element = target instanceof Element ? target : document.body;
  if (element.closest('[role="menu"], [role="dialog"], [role="alertdialog"], input, textarea, select')) return true;
  if (key === ' ' || key === 'Enter') return element.closest('button, a, summary') !== null;
  return !insidePlayer && scrollKeys.includes(key);
}

function BigPlay({ onPress }: { onPress: () => void }) {
  return (
    <IconButton
      label="Play"
      excludeFromTabOrder
      onPress={onPress}
      className="absolute z-10 size-16 animate-fade bg-accent-400 text-surface-950 shadow-glow hover:bg-accent-200! sm:size-24"
    >
      <Play aria-hidden="true" className="size-7 translate-x-0.5 fill-current sm:size-11" />
    </IconButton>
  );
}

/** The current captions, moved up while the controls are visible. */
function CaptionLines({ lines, controlsVisible }: { lines: string[]; controlsVisible: boolean }) {
  return (
    <div
      className={`pointer-events-none absolute inset-x-0 flex flex-col items-center px-6 text-center transition-[bottom] duration-300 ${controlsVisible ? 'bottom-28' : 'bottom-8'}`}
    >
      {lines.map((line) => (
        <span
          key={line}
          dir="auto"
          className="bg-black/75 px-2.5 py-0.5 text-[clamp(1rem,2.4cqw,2rem)] leading-snug font-medium text-white"
        >
          {line}
        </span>
      ))}
    </div>
  );
}

/** Confirms a shortcut, on screen and to screen readers. */
function ActionMessage({ message }: { message: { text: string; at: number } | undefined }) {
  return (
    <div role="status" className="pointer-events-none absolute top-6">
      {message && (
        <span
          key={message.at}
          className="inline-flex animate-fade items-center gap-2 rounded-full bg-surface-950/80 px-4 py-2 font-semibold backdrop-blur"
        >
          {message.text === 'Paused' && <Pause aria-hidden="true" className="size-4 fill-current" />}
          {message.text}
        </span>
      )}
    </div>
  );
}
