import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import { type ButtonSize, type ButtonVariant, buttonStyle } from './button-style';
import { Spinner } from './spinner';

interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'isPending'> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  className?: string;
  /** The action is running: the button keeps the focus and ignores presses. */
  isPending?: boolean;
  children: ReactNode;
}

export function Button({ variant, size, className = '', isPending = false, children, type, ...props }: ButtonProps) {
  const pending = isPending && { 'aria-disabled': true, onPress: () => undefined };
  return (
    <AriaButton
      {...props}
      {...pending}
      type={isPending ? 'button' : (type ?? 'button')}
      className={`${buttonStyle(variant, size)} ${className}`}
    >
      {isPending ? <Spinner label="Working" small /> : children}
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children'> {
  label: string;
  className?: string;
  children: ReactNode;
}

/** A round button with an icon; its label is for screen readers. */
export function IconButton({ label, className = '', children, ...props }: IconButtonProps) {
  return (
    <AriaButton
      {...props}
      aria-label={label}
      className={`inline-flex size-11 cursor-pointer items-center justify-center rounded-full transition forced-colors:bg-[ButtonFace] hover:bg-foreground/15 disabled:cursor-not-allowed disabled:opacity-40 ${className}`}
    >
      {children}
    </AriaButton>
  );
}
