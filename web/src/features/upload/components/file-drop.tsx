import { Film, FolderOpen } from 'lucide-react';
import { type DropItem, DropZone, type FileDropItem, FileTrigger } from 'react-aria-components';
import { Button } from '@/ui/button';
import { bytes } from '@/words/amounts';

interface FileDropProps {
  file?: File | undefined;
  onChoose: (file: File) => void;
  /** What is asked for, if not a film in general. */
  prompt?: string | undefined;
}

/** Takes a film by dropping or by choosing it. */
export function FileDrop({ file, onChoose, prompt = 'Drop your film here' }: FileDropProps) {
  return (
    <DropZone
      aria-label="Film"
      getDropOperation={() => 'copy'}
      onDrop={async ({ items }) => {
        const dropped = items.find(isFile);
        if (dropped) onChoose(await dropped.getFile());
      }}
      className="group/drop flex flex-col items-center justify-center gap-4 rounded-3xl border-2 border-dashed border-ink-600 bg-ink-900 px-6 py-12 text-center transition data-drop-target:border-bulb-400 data-drop-target:bg-bulb-900"
    >
      <span className="grid size-16 place-items-center rounded-full bg-ink-800 text-bulb-400 transition group-data-drop-target/drop:scale-110">
        <Film aria-hidden="true" className="size-7" />
      </span>
      {file ? (
        <p className="w-full">
          <bdi className="block truncate text-lg font-semibold">{file.name}</bdi>
          <span className="text-ink-400">{bytes(file.size)}</span>
        </p>
      ) : (
        <p>
          <span className="block text-lg font-semibold">{prompt}</span>
          <span className="text-ink-400">MP4, MOV, MKV, WebM and most others. It goes straight to storage.</span>
        </p>
      )}
      <FileTrigger
        acceptedFileTypes={['video/*', '.mkv', '.mxf', '.ts', '.m2ts']}
        onSelect={(list) => {
          const chosen = list?.[0];
          if (chosen) onChoose(chosen);
        }}
      >
        <Button look={file ? 'quiet' : 'primary'}>
          <FolderOpen aria-hidden="true" className="size-4" /> {file ? 'Choose another' : 'Choose a file'}
        </Button>
      </FileTrigger>
    </DropZone>
  );
}

function isFile(item: DropItem): item is FileDropItem {
  return item.kind === 'file';
}
