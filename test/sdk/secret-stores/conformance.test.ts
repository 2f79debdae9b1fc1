/** The published suite can fail: each store here breaks one promise, and the case of that promise says so. */
import { type SecretStore, SecretStoreError, type StoredEntry } from "@orgtokens/sdk/secret-stores";
import { put, type StoreUnderTest, secretStoreCases } from "@orgtokens/sdk/secret-stores/conformance";
import { expect, test } from "vitest";
import { type MapEntry, openMapStore } from "../../../examples/secret-stores/map-store.ts";

type Break = (store: SecretStore, entries: Map<string, MapEntry>, name: string) => Partial<SecretStore>;

/** The example's store, with a method or two that somebody got wrong. */
function brokenStore(breakIt: Break): StoreUnderTest {
  const entries = new Map<string, MapEntry>();
  const open = (name: string): SecretStore => {
    const store = openMapStore(entries, name);
    return { ...store, ...breakIt(store, entries, name) };
  };
  const overwrite = (name: string, secret: string | undefined) => {
    const before = entries.get(name);
    entries.set(name, { ...before, secret, version: (before?.version ?? 0) + 1 });
  };
  return {
    open,
    openDestination: (destination) => open(decodeURIComponent(destination.slice("map://entries/".length))),
    foreignWrite: async (name, text) => overwrite(name, text),
    foreignDelete: async (name) => overwrite(name, undefined),
    metadata: async (name) => JSON.stringify({ ...entries.get(name), secret: undefined }),
    cutShort: {
      async "between metadata and secret"(name, secret) {
        const before = entries.get(name)?.secret;
        await put(open(name), secret);
        overwrite(name, before);
      },
    },
    credentials: () => [],
    lacking: { none: "A map has no rights." },
    network: { none: "A map is in this process." },
    refusedNames: [""],
  };
}

async function failuresOf(store: StoreUnderTest): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const { subject, name, run } of secretStoreCases(() => store)) {
    await run({ skip: () => undefined }).catch(() => failures.push(`${subject}: ${name}`));
  }
  return failures;
}

/** What was skipped, and why: each reason once for what it is about. */
async function skippedOf(store: StoreUnderTest): Promise<readonly string[]> {
  const skipped = new Set<string>();
  for (const { subject, run } of secretStoreCases(() => store))
    await run({ skip: (reason) => skipped.add(`${subject}: ${reason}`) });
  return [...skipped];
}

/** What the last writer said is taken for what is there. */
const believesItself: Break = (store, entries, name) => ({
  async describe(options): Promise<StoredEntry | undefined> {
    const entry = await store.describe(options);
    const owner = entries.get(name)?.owner;
    return entry === undefined || owner === undefined ? entry : { ...entry, fingerprint: owner.fingerprint };
  },
});

const broken: readonly (readonly [what: string, breakIt: Break, found: string])[] = [
  ["takes an overwritten secret for its own", believesItself, "drift: notices that somebody else overwrote"],
  [
    "deletes what is another token's",
    (store) => ({
      delete: async (id, options) => store.delete((await store.describe(options))?.apiTokenId ?? id, options),
    }),
    "owners: refuses to overwrite or delete the secret of another token",
  ],
  [
    "overwrites what another token has",
    (store) => ({
      write: async (secret, owner, options) =>
        store.write(secret, owner, { ...options, replacing: (await store.describe())?.apiTokenId }),
    }),
    "owners: refuses to overwrite or delete the secret of another token",
  ],
  [
    "does not look at what the caller expects",
    (store) => ({
      write: (secret, owner, options) => store.write(secret, owner, { ...options, expecting: undefined }),
    }),
    "owners: writes only over what the caller expects",
  ],
  [
    "forgets the label",
    (store) => ({ write: (secret, { label: _, ...owner }, options) => store.write(secret, owner, options) }),
    "labels: says what the token is for",
  ],
  [
    "cuts long secrets",
    (store) => ({ read: async (options) => (await store.read(options))?.slice(0, 100) }),
    "arguments: keeps secrets of 1 to 4096 bytes",
  ],
  [
    "quotes the secret in an error",
    (store) => ({
      write: (secret, ...rest) =>
        store.write(secret, ...rest).catch((error: SecretStoreError) => {
          throw new SecretStoreError(error.code, error.destination, error.message, { cause: { secret } });
        }),
    }),
    "secrecy: shows neither secrets nor credentials",
  ],
  [
    "goes on after it was closed",
    () => ({ close: async () => undefined }),
    "handles: does nothing more once it is closed",
  ],
  [
    "does not hear that its caller gave up",
    (store) => ({ read: () => store.read() }),
    "handles: does nothing when the caller has given up",
  ],
  [
    "claims to be unreadable",
    () => ({ isReadable: false }),
    "entries: gives a secret back, or says that it never does",
  ],
];

test("the suite finds nothing wrong with a store that keeps its promises", async () => {
  expect(await failuresOf(brokenStore(() => ({})))).toEqual([]);
});

test("no case passes that has nothing to try: it is skipped with the reason that the store's description gives", async () => {
  const store = brokenStore(() => ({}));
  const none = ["rights: A map has no rights.", "faults: A map is in this process."];
  expect(await skippedOf(store)).toEqual(none);
  const cutShort = { none: "A map changes in one step." };
  expect(await skippedOf({ ...store, cutShort })).toEqual([`drift: ${cutShort.none}`, ...none]);
  const lacking = { describe: { none: "1" }, write: { none: "2" }, delete: { none: "3" }, read: { none: "4" } };
  const verbs = ["rights: 1", "rights: 2", "rights: 3", "rights: 4"];
  expect(await skippedOf({ ...store, lacking })).toEqual([...verbs, none[1]]);
  const open = () => store.open("place");
  expect(await failuresOf({ ...store, lacking: { ...lacking, write: open } })).toEqual([
    "rights: refuses to write without the right to, where the backend has one for it, and changes nothing",
  ]);
  expect((await failuresOf({ ...store, cutShort: {} })).map((failure) => failure.split(":")[0])).toEqual([
    "drift",
    "drift",
  ]);
});

test.for(broken)("the suite finds a store that %s", async ([, breakIt, found]) => {
  const failures = await failuresOf(brokenStore(breakIt));
  expect(
    failures.some((failure) => failure.startsWith(found)),
    failures.join("\n"),
  ).toBe(true);
});
