import { useNavigate } from '@tanstack/react-router';
import { Clapperboard, LogOut, UserRound } from 'lucide-react';
import { Button } from 'react-aria-components';
import { endSession } from '@/api/session';
import type { Me } from '@/api/types';
import { Menu, MenuItem } from '@/ui/menu';
import { hasRole, initials } from '../rules';

export function AccountMenu({ me }: { me: Me }) {
  const navigate = useNavigate();
  return (
    <Menu
      label="Account"
      trigger={
        <Button
          aria-label={`Account: ${me.display_name}`}
          className="grid size-10 cursor-pointer place-items-center rounded-full bg-linear-to-br from-brand-500 to-brand-900 text-sm font-bold text-foreground ring-foreground/40 transition hover:ring-2"
        >
          <span aria-hidden="true">{initials(me.display_name)}</span>
        </Button>
      }
    >
      {!hasRole(me, 'creator') && (
        <MenuItem name="Start publishing" onAction={() => void navigate({ to: '/upload' })}>
          <Clapperboard aria-hidden="true" className="size-4 text-muted" />
          {me.creator_request === 'pending' ? 'Publishing requested' : 'Start publishing'}
        </MenuItem>
      )}
      <MenuItem name="Account" onAction={() => void navigate({ to: '/account' })}>
        <UserRound aria-hidden="true" className="size-4 text-muted" />
        Account
      </MenuItem>
      <MenuItem name="Sign out" onAction={() => void endSession()}>
        <LogOut aria-hidden="true" className="size-4 text-muted" />
        <span className="flex-1">
          Sign out
          <span className="block text-sm text-muted">{me.email}</span>
        </span>
      </MenuItem>
    </Menu>
  );
}
