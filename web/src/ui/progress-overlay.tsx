/** How much of a film was played, on its picture. The words beside it say what is left, so it is hidden from screen readers. */
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
