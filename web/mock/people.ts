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

/** The admin routes for accounts, creator requests and the audit log. */
export function createPeople({ people, now, newId }: Options) {
  const log: AuditEntry[] = [];

  const toAccount = ({
    account_id,
    creator_id,
    email,
    display_name,
    roles,
    created_at,
    disabled,
  }: Person): Account => ({
    account_id,
    creator_id,
    email,
    display_name,
    roles,
    created_at,
    state: disabled ? 'disabled' : 'active',
  });
  const toRequest = (person: Person): CreatorRequestOfAccount => ({
    account_id: person.account_id,
    state: 'pending',
    asked_at: person.created_at,
    account: toAccount(person),
  });

  function audit(actor: string, action: AuditEntry['action'], person: Person, route: string, detail?: string) {
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

  /** The names of today. */
  function withNames(entry: AuditEntry): AuditEntry {
    const nameOf = (id?: string) => people().find(({ account_id }) => account_id === id)?.display_name ?? null;
    return { ...entry, actor_name: nameOf(entry.actor_id), target_name: nameOf(entry.target?.split(':')[1]) };
  }

  /** Handles a request; undefined if the path belongs to another part. */
  function handle(method: string, path: string, query: URLSearchParams, me: string): Response | undefined {
    const [, , , resource, id, act, role] = path.split('/');
    const person = people().find(({ account_id }) => account_id === id);
    if (id && !person && (resource === 'accounts' || resource === 'creator-requests')) {
      return problem('not-found', 'there is no such account');
    }
    switch (`${method} ${resource}${id ? '/:id' : ''}${act ? `/${act}` : ''}`) {
      case 'GET accounts':
        return json({
          items: people()
            .filter((each) => matches(each, query))
            .map(toAccount),
        });
      case 'GET creator-requests':
        return json({
          items: people()
            .filter((each) => each.creator_request === 'pending')
            .map(toRequest),
        });
      case 'GET audit':
        return json({ items: log.filter(({ at }) => at.startsWith(query.get('day') ?? '')).map(withNames) });
    }
    if (!person) return undefined;
    switch (`${method} ${resource}/:id${act ? `/${act}` : ''}`) {
      case 'GET accounts/:id':
        return json(toAccount(person));
      case 'PUT accounts/:id/roles':
        person.roles = [...new Set([...person.roles, role as Me['roles'][number]])];
        return audit(me, 'role_granted', person, 'PUT /api/admin/accounts/{account_id}/roles/{role}', role);
      case 'DELETE accounts/:id/roles':
        if (role === 'admin' && !people().some((each) => each !== person && each.roles.includes('admin'))) {
          return problem('conflict', 'this is the last admin: make another account an admin first');
        }
        person.roles = person.roles.filter((each) => each !== role);
        return audit(me, 'role_taken', person, 'DELETE /api/admin/accounts/{account_id}/roles/{role}', role);
      case 'POST accounts/:id/disable':
        if (id === me) return problem('conflict', 'this is your own account: another admin can disable it');
        person.disabled = true;
        return audit(me, 'account_disabled', person, 'POST /api/admin/accounts/{account_id}/disable');
      case 'POST accounts/:id/enable':
        person.disabled = false;
        return audit(me, 'account_enabled', person, 'POST /api/admin/accounts/{account_id}/enable');
      case 'POST creator-requests/:id/approve':
        person.creator_request = 'approved';
        person.roles = [...new Set([...person.roles, 'creator' as const])];
        return audit(me, 'creator_approved', person, 'POST /api/admin/creator-requests/{account_id}/approve');
      case 'POST creator-requests/:id/decline':
        person.creator_request = 'declined';
        return audit(me, 'creator_declined', person, 'POST /api/admin/creator-requests/{account_id}/decline');
      default:
        return undefined;
    }
  }

  return { handle };
}

function matches(person: Person, query: URLSearchParams): boolean {
  const role = query.get('role');
  if (role) return person.roles.includes(role as Me['roles'][number]);
  if (query.get('state') === 'disabled') return person.disabled === true;
  return person.email.startsWith((query.get('email') ?? '').toLowerCase());
}
