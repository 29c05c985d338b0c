/** The styles of buttons, and of links that look like buttons. */
export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ButtonSize = 'small' | 'medium' | 'large';

const variants: Record<ButtonVariant, string> = {
  primary:
    'bg-accent-400 text-surface-950 hover:bg-accent-200 data-hovered:bg-accent-200 shadow-[0_10px_30px_-12px_rgb(255_169_31/0.7)]',
  secondary: 'bg-foreground/12 text-foreground backdrop-blur-sm hover:bg-foreground/20 data-hovered:bg-foreground/20',
  ghost:
    'text-secondary hover:bg-foreground/10 hover:text-foreground data-hovered:bg-foreground/10 data-hovered:text-foreground',
  danger:
    'bg-danger-900 text-danger-300 hover:bg-danger-500 hover:text-surface-950 data-hovered:bg-danger-500 data-hovered:text-surface-950',
};

const sizes: Record<ButtonSize, string> = {
  small: 'min-h-9 px-3.5 text-sm gap-1.5',
  medium: 'min-h-11 px-5 text-[0.95rem] gap-2',
  large: 'min-h-13 px-7 text-lg gap-2.5',
};

export function buttonStyle(variant: ButtonVariant = 'secondary', size: ButtonSize = 'medium'): string {
  return [
    'inline-flex select-none items-center justify-center rounded-full font-semibold whitespace-nowrap',
    'cursor-pointer transition duration-150 active:scale-[0.97] disabled:cursor-not-allowed disabled:opacity-45',
    variants[variant],
    sizes[size],
  ].join(' ');
}
