import type { Account, AuditEntry, CreatorRequestOfAccount, Me } from '../src/api/types';
import { json, problem } from './responses.ts';

interface Person extends Me {
  disabled?: boolean;
}

interface Options {
  people: () => Person[];
  now: () => number;
  newId: () => string;
}

/** Accounts, requests to become a creator and the audit log, as admins see them. */
export function createPeople({ people, now, newId }: Options) {
  const log: AuditEntry[] = [];

  const viewOf = ({ account_id, creator_id, email, display_name, roles, created_at, disabled }: Person): Account => ({
    account_id,
    creator_id,
    email,
    display_name,
    roles,
    created_at,
    state: disabled ? 'disabled' : 'active',
  });
  const requestOf = (person: Person): CreatorRequestOfAccount => ({
    account_id: person.account_id,
    state: 'pending',
    asked_at: person.created_at,
    account: viewOf(person),
  });

  function note(actor: string, action: AuditEntry['action'], person: Person, route: string, detail?: string) {
    log.unshift({
      entry_id: newId(),
      at: new Date(now()).toISOString(),
      actor_id: actor,
      action,
      target: `account:${person.account_id}`,
      route,
      request_id: newId(),
      address: '192.0.2.44',
      ...(detail && { detail }),
    });
    return new Response(null, { status: 204 });
  }

  /** An answer, or undefined for an address that is somebody else's. */
  function handle(method: string, path: string, query: URLSearchParams, me: string): Response | undefined {
    const [, , , place, id, act, role] = path.split('/');
    const person = people().find(({ account_id }) => account_id === id);
    if (id && !person && (place === 'accounts' || place === 'creator-requests')) {
      return problem('not-found', 'there is no such account');
    }
    switch (`${method} ${place}${id ? '/:id' : ''}${act ? `/${act}` : ''}`) {
      case 'GET accounts':
        return json({
          items: people()
            .filter((each) => listed(each, query))
            .map(viewOf),
        });
      case 'GET creator-requests':
        return json({
          items: people()
            .filter((each) => each.creator_request === 'pending')
            .map(requestOf),
        });
      case 'GET audit':
        return json({ items: log.filter(({ at }) => at.startsWith(query.get('day') ?? '')) });
    }
    if (!person) return undefined;
    switch (`${method} ${place}/:id${act ? `/${act}` : ''}`) {
      case 'GET accounts/:id':
        return json(viewOf(person));
      case 'PUT accounts/:id/roles':
        person.roles = [...new Set([...person.roles, role as Me['roles'][number]])];
        return note(me, 'role_granted', person, 'PUT /api/admin/accounts/{account_id}/roles/{role}', role);
      case 'DELETE accounts/:id/roles':
        if (role === 'admin' && !people().some((each) => each !== person && each.roles.includes('admin'))) {
          return problem('conflict', 'this is the last admin: make somebody else an admin first');
        }
        person.roles = person.roles.filter((each) => each !== role);
        return note(me, 'role_taken', person, 'DELETE /api/admin/accounts/{account_id}/roles/{role}', role);
      case 'POST accounts/:id/disable':
        if (id === me) return problem('conflict', 'this is your own account: another admin can disable it');
        person.disabled = true;
        return note(me, 'account_disabled', person, 'POST /api/admin/accounts/{account_id}/disable');
      case 'POST accounts/:id/enable':
        person.disabled = false;
        return note(me, 'account_enabled', person, 'POST /api/admin/accounts/{account_id}/enable');
      case 'POST creator-requests/:id/approve':
        person.creator_request = 'approved';
        person.roles = [...new Set([...person.roles, 'creator' as const])];
        return note(me, 'creator_approved', person, 'POST /api/admin/creator-requests/{account_id}/approve');
      case 'POST creator-requests/:id/decline':
        person.creator_request = 'declined';
        return note(me, 'creator_declined', person, 'POST /api/admin/creator-requests/{account_id}/decline');
      default:
        return undefined;
    }
  }

  return { handle };
}

function listed(person: Person, query: URLSearchParams): boolean {
  const role = query.get('role');
  if (role) return person.roles.includes(role as Me['roles'][number]);
  if (query.get('state') === 'disabled') return person.disabled === true;
  return person.email.startsWith((query.get('email') ?? '').toLowerCase());
}
