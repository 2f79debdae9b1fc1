/**
 * Whether two e-mail addresses are the same to the server: the letters A to Z match in either case, and no others, because other
 * scripts have letters whose small form is one of those.
 */
export function sameEmail(one: string, other: string): boolean {
  return normalizeEmail(one) === normalizeEmail(other);
}

/** An address as the server keeps it. */
export function normalizeEmail(email: string): string {
  return email.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
