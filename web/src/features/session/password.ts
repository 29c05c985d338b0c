/** The service's rules for new passwords, except its list of common passwords. */

export const MIN_PASSWORD_LENGTH = 12;

export const passwordHint = 'At least 12 characters. A few unrelated words work well.';

/** Why a password is too weak, in the words of the service; undefined when it is fine. */
export function passwordWeakness(password: string, owner: { email?: string; name?: string } = {}): string | undefined {
  const characters = [...password];
  const lower = password.toLowerCase();
  if (characters.length < MIN_PASSWORD_LENGTH) return 'must have at least 12 characters';
  if (characters.length > 256) return 'must have at most 256 characters';
  if (password.trim() !== password) return 'must not begin or end with a space';
  if (/^(.{1,128})\1+$/u.test(lower) || new Set(lower).size < 5) {
    return 'repeats itself: choose one with more variety';
  }
  const email = owner.email?.toLowerCase();
  const parts = [email, email?.split('@')[0], owner.name?.trim().toLowerCase()];
  if (parts.some((part) => part !== undefined && part.length >= 4 && lower.includes(part))) {
    return 'must not contain your address or your name';
  }
  return undefined;
}
