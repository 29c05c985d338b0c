import { Film, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { type DropItem, DropZone, type FileDropItem, FileTrigger } from 'react-aria-components';
import { formatBytes } from '@/format/amounts';
import { Button } from '@/ui/button';
import { isolate } from '@/ui/user-text';
import { refusalOf } from '../rules';

interface FileDropProps {
  file?: File | undefined;
  onChoose: (file: File) => void;
  /** The prompt, if a certain file is needed. */
  prompt?: string | undefined;
  /** An extra check: why this file cannot be used. */
  refusal?: (file: File) => string | undefined;
}

/** Lets the user drop or choose a film. Files that cannot be uploaded are refused here. */
export function FileDrop({ file, onChoose, prompt = 'Drop your film here, or choose a file', refusal }: FileDropProps) {
  const [refused, setRefused] = useState<string>();
  const take = (chosen: File) => {
    const reason = refusalOf(chosen) ?? refusal?.(chosen);
    setRefused(reason && `“${isolate(chosen.name)}”: ${reason}`);
    if (reason === undefined) onChoose(chosen);
  };
  return (
    <DropZone
      aria-label="Film"
      getDropOperation={() => 'copy'}
      onDrop={async ({ items }) => {
        const dropped = items.find(isFile);
        if (dropped) take(await dropped.getFile());
      }}
      className="group/drop flex flex-col items-center justify-center gap-4 rounded-3xl border-2 border-dashed border-surface-600 bg-surface-900 px-6 py-12 text-center transition data-drop-target:border-accent-400 data-drop-target:bg-accent-900"
    >
      <span className="grid size-16 place-items-center rounded-full bg-surface-800 text-accent-400 transition group-data-drop-target/drop:scale-110">
        <Film aria-hidden="true" className="size-7" />
      </span>
      {file ? (
        <p className="w-full">
          <bdi className="block truncate text-lg font-semibold">{file.name}</bdi>
          <span className="text-muted">{formatBytes(file.size)}</span>
        </p>
      ) : (
        <p className="min-w-0">
          <span className="block text-lg font-semibold [overflow-wrap:anywhere]">{prompt}</span>
          {!refusal && (
            <span className="text-muted">
              Videos such as MP4, MOV, MKV and WebM. Also animated pictures (GIF, PNG, WebP), and music with cover art.
            </span>
          )}
        </p>
      )}
      {refused && (
        <p
          role="alert"
          className="max-w-full rounded-xl bg-danger-900 px-4 py-2 text-danger-300 [overflow-wrap:anywhere]"
        >
          {refused}
        </p>
      )}
      <FileTrigger
        acceptedFileTypes={[
          'video/*',
          'audio/*',
          'image/gif',
          'image/png',
          'image/webp',
          '.mkv',
          '.mxf',
          '.ts',
          '.m2ts',
        ]}
        onSelect={(list) => {
          const chosen = list?.[0];
          if (chosen) take(chosen);
        }}
      >
        <Button variant={file ? 'secondary' : 'primary'}>
          <FolderOpen aria-hidden="true" className="size-4" /> {file ? 'Choose another file' : 'Choose a file'}
        </Button>
      </FileTrigger>
    </DropZone>
  );
}

function isFile(item: DropItem): item is FileDropItem {
  return item.kind === 'file';
}
