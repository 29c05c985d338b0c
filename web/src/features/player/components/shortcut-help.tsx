import { Switch } from 'react-aria-components';
import { Dialog } from '@/ui/dialog';
import { shortcutHelp } from '../shortcuts';

interface ShortcutHelpProps {
  isOpen: boolean;
  onClose: () => void;
  /** Whether single-key shortcuts are on. Users of voice control may want them off (WCAG 2.1.4). */
  active: boolean;
  onActiveChange: (active: boolean) => void;
}

export function ShortcutHelp({ isOpen, onClose, active, onActiveChange }: ShortcutHelpProps) {
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-6 gap-y-2.5">
        {shortcutHelp.map(({ keys, does }) => (
          <div key={does} className="col-span-2 grid grid-cols-subgrid items-center">
            <dt className="flex gap-1.5">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="min-w-8 rounded-lg border border-surface-600 bg-surface-800 px-2 py-0.5 text-center font-sans text-sm font-semibold"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-secondary">{does}</dd>
          </div>
        ))}
      </dl>
      <Switch
        isSelected={active}
        onChange={onActiveChange}
        className="group flex cursor-pointer items-center gap-3 rounded-xl font-semibold data-focus-visible:outline-3 data-focus-visible:outline-offset-4 data-focus-visible:outline-accent-400"
      >
        <span className="flex h-7 w-12 items-center rounded-full bg-surface-600 p-1 transition group-data-selected:bg-accent-400">
          <span className="size-5 rounded-full bg-foreground transition-transform group-data-selected:translate-x-5 group-data-selected:bg-surface-950" />
        </span>
        Enable keyboard shortcuts
      </Switch>
    </Dialog>
  );
}
