/** Where a film resumes: what was watched of its first seconds is no reason to skip them. */
export function resumeFrom(resumeMs: number, durationMs: number): number {
  return resumeMs >= 10_000 && resumeMs >= durationMs * 0.02 ? resumeMs : 0;
}
