import { useBlocker } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { isSignedIn } from '@/api/session';
import { Button } from './button';
import { Dialog } from './dialog';

interface DiscardDialogProps {
  isOpen: boolean;
  onKeep: () => void;
  onDiscard: () => void;
}

/** Confirms that unsaved changes are discarded. */
export function DiscardDialog({ isOpen, onKeep, onDiscard }: DiscardDialogProps) {
  return (
    <Dialog role="alertdialog" title="Discard your changes?" isOpen={isOpen} onClose={onKeep}>
      <p className="text-secondary">Your changes have not been saved.</p>
      <div className="flex justify-end gap-3">
        <Button onPress={onKeep}>Keep editing</Button>
        <Button variant="danger" onPress={onDiscard}>
          Discard
        </Button>
      </div>
    </Dialog>
  );
}

/** Tracks unsaved changes of a form: pass `onInput` to the form and call `saved` after saving. */
export function useUnsavedChanges() {
  const dirty = useRef(false);
  return {
    isDirty: () => dirty.current,
    onInput: () => {
      dirty.current = true;
    },
    saved: () => {
      dirty.current = false;
    },
  };
}

/** Asks for confirmation before the page is left with unsaved changes. */
export function LeaveGuard({ isDirty }: { isDirty: () => boolean }) {
  const blocker = useBlocker({
    // An expired session always leads to the sign-in page.
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isDirty() && isSignedIn(),
    enableBeforeUnload: () => isDirty() && isSignedIn(),
    withResolver: true,
  });
  return (
    <DiscardDialog
      isOpen={blocker.status === 'blocked'}
      onKeep={() => blocker.reset?.()}
      onDiscard={() => blocker.proceed?.()}
    />
  );
}

/** For a dialog with a form: asks for confirmation before it closes with unsaved changes. */
export function useGuardedClose(close: () => void) {
  const [confirming, setConfirming] = useState(false);
  const { isDirty, onInput, saved } = useUnsavedChanges();
  const closeNow = () => {
    saved();
    setConfirming(false);
    close();
  };
  return {
    onInput,
    closeNow,
    close: () => (isDirty() ? setConfirming(true) : closeNow()),
    dialog: <DiscardDialog isOpen={confirming} onKeep={() => setConfirming(false)} onDiscard={closeNow} />,
  };
}
