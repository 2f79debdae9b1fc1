/** The URIs of places, for every kind of store there is: a kind that is added is tried here without being named. */
import { destinationOf, openSecretStore, parseDestination, SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";
import { attributePath } from "../../../provider/framework/index.ts";
import { type StoreKindName, storeKindNames, storeKinds } from "../../../provider/secret-stores/secret-store.ts";

/** What members are tried with, ordinary and hostile. A kind that takes none of them for a member gets one here. */
const texts = [
  "orgtokens",
  "ci",
  "token",
  "my-project-1",
  "eu-west-1",
  "123456789012",
  "ORGTOKENS_TOKEN",
  "example/ci",
  "/ci/orgtokens",
  "/run/secrets/ci",
  "team-vault",
  "https://team-vault.vault.azure.net",
  "with space",
  "100%",
  "%2e%2e",
  "a#b?c&d=e",
  "schlüssel-鍵-🔑",
  'it\'s "quoted"',
  "back\\slash",
  "{}[]^`|<>",
  "__proto__",
] as const;

type Members = { readonly [name: string]: string | null };

/** The texts that the schema takes for each member; null where it may be left out. */
function candidatesOf(kind: StoreKindName): readonly (readonly [string, readonly (string | null)[]])[] {
  return Object.entries(storeKinds[kind].placeAttributes).map(([name, { required, validators }]) => {
    const accepted = texts.filter((text) =>
      validators.every((validate) => validate(text, attributePath(kind, name)).length === 0),
    );
    return [name, required ? accepted : [null, ...accepted]];
  });
}

/** Every text at every member, with ordinary ones elsewhere, and a few hundred mixtures that are the same in each run. */
function placesOf(kind: StoreKindName): readonly Members[] {
  const candidates = candidatesOf(kind);
  const at = (choose: (index: number, count: number) => number): Members =>
    Object.fromEntries(candidates.map(([name, of], index) => [name, of[choose(index, of.length)] ?? null]));
  const single = candidates.flatMap(([, of], member) =>
    of.map((_, choice) => at((index) => (index === member ? choice : 0))),
  );
  const mixed = Array.from({ length: 300 }, (_, seed) =>
    at((index, count) => (seed * 31 + index * (seed + 7)) % count),
  );
  return [...single, ...mixed];
}

/** Whether the store itself refuses the place, whatever reaches it: such a place needs no URI. */
function isRefused(kind: StoreKindName, members: Members): boolean {
  try {
    openSecretStore(storeKinds[kind].toPlace(members), { environment });
    return false;
  } catch (error) {
    return error instanceof SecretStoreError;
  }
}

/** Enough for every store to be opened; none is connected to. */
const environment = {
  VAULT_ADDR: "http://127.0.0.1:1",
  VAULT_TOKEN: "none",
  ORGTOKENS_PROGRAMS_FILE: "/nowhere.json",
};

describe.each(storeKindNames)("the destination of a place in %s", (kind) => {
  test("takes some text for each member", () => {
    for (const [name, of] of candidatesOf(kind))
      expect(of.length, `add a text that ${kind}.${name} takes`).toBeGreaterThan(0);
  });

  test("leads back to the place, whatever its members are", () => {
    const { toPlace, toMembers } = storeKinds[kind];
    const kept = placesOf(kind).filter((members) => !isRefused(kind, members));
    expect(kept.length, `add texts that ${kind} opens`).toBeGreaterThan(0);
    for (const members of kept) {
      const place = toPlace(members);
      const destination = destinationOf(place);
      expect(destination).toMatch(/^[a-z][a-z0-9+.-]*:\/\/[!-~]+$/);
      const parsed = parseDestination(destination);
      const again = parsed === undefined ? undefined : toMembers(parsed);
      expect(again === undefined ? undefined : destinationOf(toPlace(again)), JSON.stringify(place)).toBe(destination);
    }
  });

  test("is another one for another place, and no other kind takes it for its own", () => {
    const { toPlace } = storeKinds[kind];
    const seen = new Map<string, string>();
    for (const members of placesOf(kind).filter((one) => !isRefused(kind, one))) {
      const place = toPlace(members);
      const destination = destinationOf(place);
      const text = JSON.stringify(place);
      expect(seen.get(destination) ?? text, destination).toBe(text);
      seen.set(destination, text);
      for (const other of storeKindNames) {
        if (other !== kind) expect(storeKinds[other].toMembers(place), destination).toBeUndefined();
      }
    }
  });
});
