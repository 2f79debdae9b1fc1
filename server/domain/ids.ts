import type { Clock } from "./clock.ts";

declare const brand: unique symbol;

/** 24 lower-case hexadecimal characters, ordered by the time of creation. */
export type ApiTokenId = string & { readonly [brand]: "ApiTokenId" };
/** 24 lower-case hexadecimal characters. */
export type OrganizationId = string & { readonly [brand]: "OrganizationId" };
/** 24 lower-case hexadecimal characters. */
export type UserId = string & { readonly [brand]: "UserId" };

/** 24 lower-case hexadecimal characters. */
export type SessionId = string & { readonly [brand]: "SessionId" };

/** 24 lower-case hexadecimal characters, ordered by time. */
export type AuditEventId = string & { readonly [brand]: "AuditEventId" };
/** 24 lower-case hexadecimal characters, ordered by time. */
export type MailId = string & { readonly [brand]: "MailId" };

/** The id of anything. */
export type Id = ApiTokenId | OrganizationId | UserId | SessionId | AuditEventId | MailId;

const pattern = /^[0-9a-f]{24}$/;

/**
 * Reads an id that came from the contract or the database, which both only hold well-formed ones.
 * @throws TypeError when it is not 24 hexadecimal characters.
 */
export function parseId<Parsed extends Id>(text: string): Parsed {
  if (!pattern.test(text)) throw new TypeError("An id must be 24 lower-case hexadecimal characters.");
  return text as Parsed;
}

/** Makes ids, each greater than the one before. */
export type IdGenerator = <Made extends Id>() => Made;

/**
 * Makes a generator: 6 bytes of milliseconds, 2 bytes that count within one millisecond, 4 random bytes. Ids of one
 * generator ascend strictly, also when the clock is set back.
 *
 * @param randomBytes gives `size` random bytes.
 */
export function createIdGenerator(clock: Clock, randomBytes: (size: number) => Uint8Array): IdGenerator {
  let lastMs = 0;
  let count = 0;
  return () => {
    const nowMs = Math.max(clock.now().getTime(), lastMs);
    count = nowMs === lastMs ? count + 1 : 0;
    lastMs = count > 0xffff ? nowMs + 1 : nowMs;
    count &= 0xffff;
    const head = lastMs.toString(16).padStart(12, "0") + count.toString(16).padStart(4, "0");
    return parseId(head + Buffer.from(randomBytes(4)).toString("hex"));
  };
}
