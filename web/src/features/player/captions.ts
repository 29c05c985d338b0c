/**
 * Captions that we draw ourselves, above the controls. hls.js would have the browser draw them, from an empty `data:`
 * track that the Content-Security-Policy refuses.
 */
export interface Captions {
  /** Adds what was parsed for a track; a cue that is there already is left out. */
  add(track: number, cues: VTTCue[]): void;
  /** Shows a track from now on, or none. */
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
    const made = video.addTextTrack('metadata');
    made.mode = 'hidden';
    made.addEventListener('cuechange', draw);
    tracks.set(id, made);
    return made;
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

/** The words of a cue without their markup. */
function linesOf(cue: VTTCue): string[] {
  const words = cue.getCueAsHTML().textContent ?? '';
  return words.split('\n').filter((line) => line.trim() !== '');
}
