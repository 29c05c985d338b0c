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

/** Asks before something that was typed is lost. */
export function DiscardDialog({ isOpen, onKeep, onDiscard }: DiscardDialogProps) {
  return (
    <Dialog role="alertdialog" title="Discard your changes?" isOpen={isOpen} onClose={onKeep}>
      <p className="text-secondary">What you typed has not been saved.</p>
      <div className="flex justify-end gap-3">
        <Button onPress={onKeep}>Keep editing</Button>
        <Button variant="danger" onPress={onDiscard}>
          Discard
        </Button>
      </div>
    </Dialog>
  );
}

/** Watches a form for what was typed into it: `onInput` goes onto the form, `saved` says that nothing can be lost any more. */
export function useUnsavedChanges() {
  const typed = useRef(false);
  return {
    isDirty: () => typed.current,
    onInput: () => {
      typed.current = true;
    },
    saved: () => {
      typed.current = false;
    },
  };
}

/** Asks before the page is left while `isDirty` says that something would be lost. */
export function LeaveGuard({ isDirty }: { isDirty: () => boolean }) {
  const blocker = useBlocker({
    // A session that ended takes people to the sign-in page whatever they typed.
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

/** For a dialog with a form: closing it asks first when something was typed. */
export function useGuardedClose(close: () => void) {
  const [asking, setAsking] = useState(false);
  const { isDirty, onInput, saved } = useUnsavedChanges();
  const closeNow = () => {
    saved();
    setAsking(false);
    close();
  };
  return {
    onInput,
    closeNow,
    close: () => (isDirty() ? setAsking(true) : closeNow()),
    dialog: <DiscardDialog isOpen={asking} onKeep={() => setAsking(false)} onDiscard={closeNow} />,
  };
}
