/** The watch progress on a poster. Decorative, because the card's text says what is left. */
export function ProgressOverlay({ share }: { share: number }) {
  return (
    <div aria-hidden="true" className="absolute inset-x-0 bottom-0 h-1.5 bg-surface-950/70">
      <div
        className="h-full rounded-r-full bg-linear-to-r from-accent-500 to-accent-200"
        style={{ width: `${Math.round(Math.min(Math.max(share, 0), 1) * 100)}%` }}
      />
    </div>
  );
}
