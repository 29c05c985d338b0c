import { Check } from 'lucide-react';
import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { optionStyle, popoverStyle } from './select';

interface MenuProps {
  /** The button that opens the menu. */
  trigger: ReactNode;
  label: string;
  children: ReactNode;
  placement?: 'bottom end' | 'top end' | 'top';
}

/** A menu that opens from a button. */
export function Menu({ trigger, label, children, placement = 'bottom end' }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement={placement} offset={10} className={`${popoverStyle} min-w-52`}>
        <AriaMenu aria-label={label} className="max-h-[min(24rem,60vh)] overflow-auto p-1.5 outline-none">
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface ChoiceMenuProps<Id extends string | number> {
  trigger: ReactNode;
  label: string;
  choices: { id: Id; name: string; note?: string }[];
  chosen: Id;
  onChoose: (id: Id) => void;
}

/** A menu with one selected entry. */
export function ChoiceMenu<Id extends string | number>(props: ChoiceMenuProps<Id>) {
  const { trigger, label, choices, chosen, onChoose } = props;
  return (
    <MenuTrigger>
      {trigger}
      <Popover placement="top" offset={12} className={`${popoverStyle} min-w-48`}>
        <p aria-hidden="true" className="px-4.5 pt-3 text-xs font-semibold tracking-wide text-muted uppercase">
          {label}
        </p>
        <AriaMenu
          aria-label={label}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[chosen]}
          onAction={(key) => onChoose(key as Id)}
          className="max-h-[min(20rem,50vh)] overflow-auto p-1.5 outline-none"
        >
          {choices.map((choice) => (
            <AriaMenuItem key={choice.id} id={choice.id} textValue={choice.name} className={optionStyle}>
              {({ isSelected }) => (
                <>
                  <Check aria-hidden="true" className={`size-4 text-accent-400 ${isSelected ? '' : 'invisible'}`} />
                  <span className="flex-1">{choice.name}</span>
                  {choice.note && <span className="text-sm text-muted">{choice.note}</span>}
                </>
              )}
            </AriaMenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface MenuItemProps {
  onAction: () => void;
  children: ReactNode;
  name: string;
}

export function MenuItem({ onAction, children, name }: MenuItemProps) {
  return (
    <AriaMenuItem onAction={onAction} textValue={name} className={optionStyle}>
      {children}
    </AriaMenuItem>
  );
}
