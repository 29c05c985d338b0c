import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from './button';

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  /** `alertdialog` confirms an action that cannot be undone. */
  role?: 'dialog' | 'alertdialog';
}

const backdrop = 'fixed inset-0 z-50 animate-fade bg-black/70 backdrop-blur-sm';

/** A modal dialog. */
export function Dialog({ title, isOpen, onClose, children, role = 'dialog' }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={role === 'dialog'}
      className={`${backdrop} grid place-items-center overflow-auto p-4`}
    >
      <Modal className="w-full max-w-xl animate-rise rounded-3xl border border-surface-700 bg-surface-900 shadow-card">
        <AriaDialog role={role} className="flex flex-col gap-5 p-6 outline-none sm:p-8">
          <div className="flex items-start justify-between gap-4">
            <Heading slot="title" dir="auto" className="min-w-0 text-2xl leading-tight">
              {title}
            </Heading>
            <IconButton label="Close" onPress={onClose} className="-mt-2 -mr-2 shrink-0">
              <X aria-hidden="true" className="size-5" />
            </IconButton>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** A modal drawer from the side, for one item of a list. */
export function Sheet({ title, isOpen, onClose, children }: Omit<DialogProps, 'role'>) {
  return (
    <ModalOverlay isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable className={backdrop}>
      <Modal className="fixed inset-y-0 right-0 w-full max-w-xl animate-sheet border-l border-surface-700 bg-surface-900 shadow-card">
        <AriaDialog className="flex h-full flex-col outline-none">
          <div className="flex items-start justify-between gap-4 border-b border-surface-800 p-6">
            <Heading slot="title" dir="auto" className="line-clamp-4 min-w-0 text-2xl leading-tight">
              {title}
            </Heading>
            <IconButton label="Close" onPress={onClose} className="-mt-2 -mr-2 shrink-0">
              <X aria-hidden="true" className="size-5" />
            </IconButton>
          </div>
          <section
            aria-label={title}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it, whatever it holds
            tabIndex={0}
            className="flex-1 overflow-auto p-6 focus-visible:-outline-offset-4"
          >
            {children}
          </section>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
