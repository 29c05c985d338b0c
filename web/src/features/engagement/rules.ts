/** Where to resume a film. The first seconds are not worth skipping. */
export function resumeFrom(resumeMs: number, durationMs: number): number {
  return resumeMs >= 10_000 && resumeMs >= durationMs * 0.02 ? resumeMs : 0;
}
