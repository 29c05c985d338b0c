/** A loading indicator: a row of dots that blink one after the other. */
export function Spinner({ label, small = false }: { label: string; small?: boolean }) {
  const size = small ? 'size-1.5' : 'size-2.5';
  return (
    <span role="status" className="inline-flex items-center gap-1.5 py-1">
      <span className="sr-only">{label}</span>
      {[0, 1, 2, 3, 4].map((dot) => (
        <span
          key={dot}
          aria-hidden="true"
          className={`${size} animate-blink rounded-full bg-current`}
          style={{ animationDelay: `${dot * 0.12}s` }}
        />
      ))}
    </span>
  );
}

/** A spinner in place of a page. */
export function PageSpinner({ label }: { label: string }) {
  return (
    <div className="grid min-h-[60dvh] place-items-center text-accent-400">
      <Spinner label={label} />
    </div>
  );
}
