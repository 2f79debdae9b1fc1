/** Whose secret an entry holds, as every store's metadata says it. */

/** A token as metadata names it. Label and expiry are those of the delivery: for people, and never compared. */
export type EntryToken = {
  readonly apiTokenId: string;
  /** Tells the tokens of two servers apart that share a store. Entries of the first release do not have it. */
  readonly organizationId?: string;
  /** What the token is for. At most 100 characters; a longer one is cut, and ends in `…`. */
  readonly label?: string;
  /** When the token expires, RFC 3339 UTC. Undefined when it does not, or nobody wrote it down. */
  readonly expiresAt?: string;
};

/** Whose secret an entry holds: the token, and the fingerprint of the secret. */
export type EntryOwner = EntryToken & { readonly fingerprint: string };

/** Whether a text has the form of a token's or an organization's id. What metadata says can come from anybody. */
export function isId(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{24}$/.test(text);
}

/** Whether a text has the form of a secret's fingerprint. */
export function isFingerprint(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{16}$/.test(text);
}

/** The token of an owner without members that are undefined, and without the secret's fingerprint. */
export function entryTokenOf({ apiTokenId, ...rest }: Loose<EntryToken>): EntryToken {
  return { apiTokenId, ...optionalMembers(rest) };
}

/** Members as metadata has them, whoever wrote it. */
export type EntryTokenMembers = { readonly [Name in keyof EntryToken]: unknown };

/** The token that members of metadata name; undefined when they name none. What has not the right form is left out. */
export function parseEntryToken(members: EntryTokenMembers): EntryToken | undefined {
  const { apiTokenId, organizationId, label, expiresAt } = members;
  if (!isId(apiTokenId)) return undefined;
  return {
    apiTokenId,
    ...optionalMembers({
      organizationId: isId(organizationId) ? organizationId : undefined,
      label: presentableLabel(label),
      expiresAt: presentableTime(expiresAt),
    }),
  };
}

/** Names of the members where a store keeps each as a text of its own, such as an annotation or a tag. */
export const entryTokenNames = {
  apiTokenId: "orgtokens_api_token_id",
  organizationId: "orgtokens_organization_id",
  label: "orgtokens_label",
  expiresAt: "orgtokens_expires_at",
} as const;

/** A token as texts under {@link entryTokenNames}. */
export function entryTokenTexts(owner: Loose<EntryToken>): Readonly<Record<string, string>> {
  const { apiTokenId, organizationId, label, expiresAt } = entryTokenOf(owner);
  return {
    [entryTokenNames.apiTokenId]: apiTokenId,
    ...(organizationId === undefined ? {} : { [entryTokenNames.organizationId]: organizationId }),
    ...(label === undefined ? {} : { [entryTokenNames.label]: label }),
    ...(expiresAt === undefined ? {} : { [entryTokenNames.expiresAt]: expiresAt }),
  };
}

/** The token that texts under {@link entryTokenNames} name; undefined when they name none. */
export function parseEntryTokenTexts(texts: Readonly<Record<string, string>>): EntryToken | undefined {
  return parseEntryToken({
    apiTokenId: texts[entryTokenNames.apiTokenId],
    organizationId: texts[entryTokenNames.organizationId],
    label: texts[entryTokenNames.label],
    expiresAt: texts[entryTokenNames.expiresAt],
  });
}

/** The longest label of the contract, in characters. */
const maxLabelLength = 100;

/**
 * A label as metadata keeps it and people are shown it: without what the contract forbids in one, such as line breaks and
 * characters that turn the direction of a line, and cut to 100 characters. Undefined when nothing is left.
 */
export function presentableLabel(label: unknown): string | undefined {
  if (typeof label !== "string") return undefined;
  const characters = [
    ...label
      .toWellFormed()
      .replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, " ")
      .trim(),
  ];
  if (characters.length === 0) return undefined;
  if (characters.length <= maxLabelLength) return characters.join("");
  return `${characters.slice(0, maxLabelLength - 1).join("")}…`;
}

/** A moment in the one form in which metadata has it; undefined when it is none. */
export function presentableTime(time: unknown): string | undefined {
  if (typeof time !== "string" || !/^\d{4}-\d\d-\d\dT/.test(time)) return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

type Loose<T> = { readonly [Name in keyof T]: T[Name] | undefined } & { readonly apiTokenId: string };

function optionalMembers({ organizationId, label, expiresAt }: Omit<Loose<EntryToken>, "apiTokenId">) {
  return {
    ...(organizationId === undefined ? {} : { organizationId }),
    ...(label === undefined ? {} : { label }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
