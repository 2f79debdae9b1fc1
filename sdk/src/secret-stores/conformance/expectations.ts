import { AssertionError, deepEqual, equal, ok } from "node:assert/strict";
import { inspect } from "node:util";
import type { SecretStore, StoredEntry } from "../secret-store.ts";
import { SecretStoreError, type SecretStoreErrorCode } from "../secret-store-error.ts";
import type { StoreUnderTest } from "./store-under-test.ts";
import type { TestSecret } from "./test-secret.ts";

type Peeking = Pick<StoreUnderTest, "peek">;

/** What a place holds: told by the store, or by who can see into one that gives nothing back. */
export async function heldBy(store: SecretStore, { peek }: Peeking = {}): Promise<string | undefined> {
  if (store.isReadable || peek === undefined) return store.read();
  return peek(store.destination);
}

/** Expects that the place holds a secret, and knows it. */
export async function expectHolds(store: SecretStore, secret: TestSecret, peeking: Peeking = {}): Promise<void> {
  equal(await heldBy(store, peeking), secret.text);
  const { apiTokenId, fingerprint } = secret;
  await expectDescribed(store, { apiTokenId, fingerprint });
}

/** Expects that the metadata says at least this. */
export async function expectDescribed(store: SecretStore, expected: StoredEntry): Promise<void> {
  expectMembers(await store.describe(), expected);
}

/** Expects that an object has at least these members. */
export function expectMembers<T extends object>(actual: T | undefined, expected: Partial<T>): void {
  const entries = Object.entries(actual ?? {}).filter(([name]) => Object.hasOwn(expected, name));
  deepEqual(Object.fromEntries(entries), expected);
}

/** The error that a call ends with. */
export async function refusal(run: () => unknown): Promise<SecretStoreError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof SecretStoreError) return error;
    throw error;
  }
  throw new AssertionError({ message: "It was not refused." });
}

/** Expects that a call is refused with one of the codes. */
export async function expectRefused(
  run: () => unknown,
  ...codes: readonly SecretStoreErrorCode[]
): Promise<SecretStoreError> {
  const error = await refusal(run);
  ok(codes.includes(error.code), `${error.code} is none of ${codes.join(", ")}: ${error.message}`);
  return error;
}

/** Expects that none of the texts can be seen in what is given, however it is printed. */
export function expectHidden(seen: readonly unknown[], hidden: readonly string[]): void {
  const text = seen.map((one) => `${inspect(one, { depth: 20, showHidden: true })} ${JSON.stringify(one)}`).join("\n");
  for (const one of hidden) {
    const forms = [one, Buffer.from(one).toString("base64"), encodeURIComponent(one)];
    for (const form of forms) ok(!text.includes(form), "A secret or a credential can be seen.");
  }
}
