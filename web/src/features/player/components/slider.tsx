import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from 'react';

interface SliderProps {
  label: string;
  value: number;
  max: number;
  /** The value for screen readers. */
  text: string;
  step: number;
  className?: string;
  /** The value under the pointer; undefined when it leaves. */
  onHover?: (value: number | undefined) => void;
  /** The value during a drag. */
  onDrag?: (value: number) => void;
  onChange: (value: number) => void;
  children: ReactNode;
}

/** A slider for pointer and keyboard: the seek bar and the volume. */
export function Slider({
  label,
  value,
  max,
  text,
  step,
  className = '',
  onHover,
  onDrag,
  onChange,
  children,
}: SliderProps) {
  const element = useRef<HTMLDivElement>(null);
  const [dragging, setDragging] = useState(false);

  const valueAt = (event: PointerEvent) => {
    const box = element.current?.getBoundingClientRect();
    if (!box || box.width === 0) return 0;
    return Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) * max;
  };
  const within = (wanted: number) => Math.min(Math.max(wanted, 0), max);

  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: value - step,
      ArrowDown: value - step,
      ArrowRight: value + step,
      ArrowUp: value + step,
      PageDown: value - max / 10,
      PageUp: value + max / 10,
      Home: 0,
      End: max,
    };
    const wanted = steps[event.key];
    if (wanted === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(within(wanted));
  };

  return (
    <div
      ref={element}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
      aria-valuetext={text}
      data-dragging={dragging || undefined}
      className={`relative flex cursor-pointer touch-none items-center rounded-full select-none ${className}`}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
        onDrag?.(valueAt(event));
      }}
      onPointerMove={(event) => {
        onHover?.(valueAt(event));
        if (dragging) onDrag?.(valueAt(event));
      }}
      onPointerUp={(event) => {
        if (!dragging) return;
        setDragging(false);
        onChange(valueAt(event));
      }}
      onPointerCancel={() => setDragging(false)}
      onPointerLeave={() => onHover?.(undefined)}
    >
      {children}
    </div>
  );
}
