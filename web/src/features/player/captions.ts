/**
 * Captions that the app renders itself, above the controls. hls.js would let the browser render them from an empty `data:`
 * track, which the Content-Security-Policy forbids.
 */
export interface Captions {
  /** Adds parsed cues to a track, without duplicates. */
  add(track: number, cues: VTTCue[]): void;
  /** Shows a track, or none. */
  show(track: number): void;
}

export function startCaptions(video: HTMLVideoElement, onLines: (lines: string[]) => void): Captions {
  const tracks = new Map<number, TextTrack>();
  let shown: number | undefined;

  const draw = () => {
    const cues = shown === undefined ? undefined : tracks.get(shown)?.activeCues;
    onLines([...(cues ?? [])].flatMap((cue) => linesOf(cue as VTTCue)));
  };
  const trackOf = (id: number) => {
    const known = tracks.get(id);
    if (known) return known;
    const created = video.addTextTrack('metadata');
    created.mode = 'hidden';
    created.addEventListener('cuechange', draw);
    tracks.set(id, created);
    return created;
  };

  return {
    add: (id, cues) => {
      const track = trackOf(id);
      for (const cue of cues) if (!track.cues?.getCueById(cue.id)) track.addCue(cue);
      draw();
    },
    show: (id) => {
      shown = id;
      draw();
    },
  };
}

/** The text of a cue, without markup. */
function linesOf(cue: VTTCue): string[] {
  const text = cue.getCueAsHTML().textContent ?? '';
  return text.split('\n').filter((line) => line.trim() !== '');
}
