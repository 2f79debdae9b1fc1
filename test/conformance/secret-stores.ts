/** What every secret store guarantees, whatever keeps its secrets. long: one suite, read against one list of guarantees. */
import { createHash, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { type SecretStore, SecretStoreError } from "@orgtokens/sdk/secret-stores";
import { describe, expect, test } from "vitest";

/** A kind of place, and what somebody else can do to one. `name` names a place that nothing else uses. */
export type StoreUnderTest = {
  readonly open: (name: string) => SecretStore;
  /** Opens the place that a destination names. */
  readonly openDestination: (destination: string) => SecretStore;
  /** Overwrites the secret without touching our metadata. */
  readonly foreignWrite: (name: string, text: string) => Promise<void>;
  /** Deletes the secret without touching our metadata. */
  readonly foreignDelete: (name: string) => Promise<void>;
  /** What the place of a destination holds, where the store gives nothing back but a test can see into it. */
  readonly peek?: (destination: string) => Promise<string | undefined>;
  /** What lies beside the secret, as text. */
  readonly metadata: (name: string) => Promise<string>;
  /** Ways a write is cut short by a crash. Each leaves the place as the crash does. */
  readonly cutShort: Readonly<Record<string, (name: string, secret: TestSecret) => Promise<void>>>;
  /** What must never be seen. */
  readonly credentials: () => readonly string[];
  /** Names of places that must be refused. */
  readonly refusedNames: readonly string[];
  /** Whether the store can have any name. One that has names of its own refuses hostile ones. */
  readonly names?: "any" | "restricted";
  /**
   * How the store overwrites. Blindly: of two writers at once both may fail, or one may win without knowing that the other has
   * written since. Then metadata names neither secret.
   */
  readonly overwrites?: "conditionally" | "blindly";
};

/** A secret and whose it is. */
export type TestSecret = { readonly text: string; readonly apiTokenId: string; readonly fingerprint: string };

/** A fresh secret, of a fresh token unless one is named. */
export function buildSecret(apiTokenId = randomBytes(12).toString("hex")): TestSecret {
  const text = `tok_${randomBytes(18).toString("hex")}`;
  return { text, apiTokenId, fingerprint: fingerprintOf(text) };
}

/** A name that no other test uses. */
export function buildName(): string {
  return `place-${randomBytes(6).toString("hex")}`;
}

/** The public fingerprint of a secret. */
export function fingerprintOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Writes a secret. */
export function put(store: SecretStore, secret: TestSecret, options?: Parameters<SecretStore["write"]>[2]) {
  return store.write(secret.text, secret, options);
}

/** The error that a call ends with. */
export async function refusal(run: () => unknown): Promise<SecretStoreError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof SecretStoreError) return error;
    throw error;
  }
  throw new Error("It was not refused.");
}

/** What a place holds: told by the store, or by who can see into one that gives nothing back. */
export async function heldBy(store: SecretStore, { peek }: Peeking = {}): Promise<string | undefined> {
  if (store.isReadable || peek === undefined) return store.read();
  return peek(store.destination);
}

type Peeking = Pick<StoreUnderTest, "peek">;

/** Expects that the place holds a secret, and knows it. */
export async function expectHolds(store: SecretStore, secret: TestSecret, peeking: Peeking = {}): Promise<void> {
  expect(await heldBy(store, peeking)).toBe(secret.text);
  const { apiTokenId, fingerprint } = secret;
  expect(await store.describe()).toMatchObject({ apiTokenId, fingerprint });
}

/** Declares the suite for one kind of store. `get` is called in each test. */
export function describeSecretStore(kind: string, get: () => StoreUnderTest): void {
  describe(`every secret store: ${kind}`, () => {
    describeEntries(get);
    describeLabels(get);
    describeOwners(get);
    describeDrift(get);
    describeArguments(get);
    describeConcurrency(get);
    describeSecrecy(get);
  });
}

function describeEntries(get: () => StoreUnderTest): void {
  test("gives back what was written, and says whose it is without giving it back", async () => {
    const store = get().open(buildName());
    const secret = buildSecret();
    const receipt = await put(store, secret);
    await expectHolds(store, secret, get());
    const { apiTokenId, fingerprint } = secret;
    const version = receipt.version === undefined ? {} : { version: receipt.version };
    expect(await store.describe()).toEqual({ apiTokenId, fingerprint, ...version });
    expect(receipt.fingerprint).toBe(fingerprint);
  });

  test("says of which organization the token is, if it was told, also when somebody else has changed the secret since", async () => {
    const name = buildName();
    const store = get().open(name);
    const { text, ...owner } = buildSecret();
    const organizationId = "0".repeat(24);
    await store.write(text, { ...owner, organizationId });
    expect(await store.describe()).toMatchObject({ ...owner, organizationId });
    await get().foreignWrite(name, "hunter2");
    expect(await store.describe()).toEqual({ apiTokenId: owner.apiTokenId, organizationId });
    const refused = await refusal(() => put(store, buildSecret()));
    expect(refused.message).toContain(`the token ${owner.apiTokenId} of the organization ${organizationId}`);
  });

  test("replaces the secret of the same token, with another version where there are versions", async () => {
    const store = get().open(buildName());
    const [first, second] = [buildSecret(), buildSecret()];
    const before = await put(store, first);
    const later = { ...second, apiTokenId: first.apiTokenId };
    const after = await put(store, later);
    await expectHolds(store, later, get());
    if (before.version !== undefined) expect(after.version).not.toBe(before.version);
  });

  test("gives a secret back, or says that it never does", async () => {
    const store = get().open(buildName());
    const secret = buildSecret();
    await put(store, secret);
    if (store.isReadable) expect(await store.read()).toBe(secret.text);
    else expect((await refusal(() => store.read())).code).toBe("secret_store_unreadable");
  });

  test("knows nothing of a place where nothing is", async () => {
    const store = get().open(buildName());
    expect(await store.describe()).toBeUndefined();
    expect(await heldBy(store, get())).toBeUndefined();
    expect(await store.delete(buildSecret().apiTokenId)).toBe("absent");
  });

  test("deletes an entry with its metadata, and again without complaint", async () => {
    const store = get().open(buildName());
    const secret = buildSecret();
    await put(store, secret);
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
    expect(await store.delete(secret.apiTokenId)).toBe("absent");
    expect(await store.describe()).toBeUndefined();
    expect(await heldBy(store, get())).toBeUndefined();
    const next = buildSecret();
    await put(store, next);
    await expectHolds(store, next, get());
  });

  test("finds out whether a place can be written without leaving anything there", async () => {
    const store = get().open(buildName());
    await store.checkWritable();
    expect(await store.describe()).toBeUndefined();
    const secret = buildSecret();
    await put(store, secret);
    await store.checkWritable();
    await expectHolds(store, secret, get());
  });
}

const label = `Nightly build (prod), "ü鍵🔑" = 100%`;

function describeLabels(get: () => StoreUnderTest): void {
  test("says what the token is for and when it expires, where people look, also when the secret was overwritten", async () => {
    const name = buildName();
    const store = get().open(name);
    const { text, ...owner } = buildSecret();
    await store.write(text, { ...owner, label, expiresAt: "2027-01-31T12:00:00Z" });
    const { apiTokenId } = owner;
    const token = { apiTokenId, label, expiresAt: "2027-01-31T12:00:00.000Z" };
    expect(await store.describe()).toMatchObject({ ...token, fingerprint: owner.fingerprint });
    expect(await get().metadata(name)).toContain("Nightly build ");
    expect((await refusal(() => put(store, buildSecret()))).message).toContain(label);
    await get().foreignWrite(name, "overwritten");
    expect(await store.describe()).toEqual(token);
  });

  test("takes a token for the same when it was relabelled since, and keeps what the last write said", async () => {
    const store = get().open(buildName());
    const first = buildSecret();
    await store.write(first.text, { ...first, label, expiresAt: "2027-01-31T12:00:00Z" });
    const seen = await store.describe();
    const second = buildSecret(first.apiTokenId);
    await store.write(second.text, { ...second, label: "renamed" }, { expecting: { ...seen, label: "another" } });
    expect(await store.describe()).toMatchObject({ fingerprint: second.fingerprint, label: "renamed" });
    expect(await store.describe()).not.toHaveProperty("expiresAt");
    const other = buildSecret();
    await put(store, other, { replacing: first.apiTokenId });
    expect(await store.describe()).toMatchObject({ apiTokenId: other.apiTokenId, fingerprint: other.fingerprint });
    expect(await store.describe()).not.toHaveProperty("label");
  });

  test("keeps any label in a form that harms neither the store nor who reads it, and shortens what is too long", async () => {
    const store = get().open(buildName());
    const { apiTokenId } = buildSecret();
    const kept = async (given: string) => {
      const secret = buildSecret(apiTokenId);
      await store.write(secret.text, { ...secret, label: given });
      await expectHolds(store, secret, get());
      return (await store.describe())?.label;
    };
    expect(await kept("line\nbreak \u202eand half \ud83d")).toBe("line break  and half \ufffd");
    expect(await kept("api-token=0 deleted=yes \\u0000 %00 {}")).toBe("api-token=0 deleted=yes \\u0000 %00 {}");
    expect(await kept("x".repeat(300))).toBe(`${"x".repeat(99)}…`);
    expect(await kept("🔑".repeat(100))).toMatch(/^(?:🔑){100}$|^(?:🔑){10,99}…$/u);
    expect(await kept("\n")).toBeUndefined();
  });

  test("refuses an expiry that is no time", async () => {
    const store = get().open(buildName());
    const secret = buildSecret();
    const error = await refusal(() => store.write(secret.text, { ...secret, expiresAt: "tomorrow" }));
    expect(error.code).toBe("secret_store_invalid_argument");
    expect(await store.describe()).toBeUndefined();
  });
}

function describeOwners(get: () => StoreUnderTest): void {
  test("refuses to overwrite or delete the secret of another token, and leaves it", async () => {
    const store = get().open(buildName());
    const [theirs, ours] = [buildSecret(), buildSecret()];
    await put(store, theirs);
    const error = await refusal(() => put(store, ours));
    expect(error).toMatchObject({ code: "secret_store_occupied", retryable: false, destination: store.destination });
    expect(error.message).toContain(theirs.apiTokenId);
    expect(await store.delete(ours.apiTokenId)).toBe("not_ours");
    await expectHolds(store, theirs, get());
  });

  test("replaces the secret of another token when the caller knows that one to be dead", async () => {
    const store = get().open(buildName());
    const [dead, ours] = [buildSecret(), buildSecret()];
    await put(store, dead);
    await put(store, ours, { replacing: dead.apiTokenId });
    await expectHolds(store, ours, get());
    expect(await store.delete(dead.apiTokenId)).toBe("not_ours");
  });

  test("refuses to overwrite or delete what it did not write, before and while writing", async () => {
    const name = buildName();
    const store = get().open(name);
    await get().foreignWrite(name, "somebody else's");
    expect(await store.describe()).toEqual({});
    const ours = buildSecret();
    for (const act of [
      () => store.checkWritable(),
      () => put(store, ours),
      () => put(store, ours, { replacing: "" }),
    ]) {
      expect((await refusal(act)).code).toBe("secret_store_occupied");
    }
    expect(await store.delete(ours.apiTokenId)).toBe("not_ours");
    expect(await heldBy(store, get())).toBe("somebody else's");
  });

  test("writes only over what the caller expects, and changes nothing otherwise", async () => {
    const store = get().open(buildName());
    const first = buildSecret();
    const second = buildSecret(first.apiTokenId);
    await put(store, first, { expecting: "absent" });
    const seen = await store.describe();
    await put(store, second, { expecting: seen });
    for (const expecting of [seen, "absent" as const]) {
      const error = await refusal(() => put(store, buildSecret(first.apiTokenId), { expecting }));
      expect(error).toMatchObject({ code: "secret_store_conflict", retryable: true });
    }
    await expectHolds(store, second, get());
  });
}

function describeDrift(get: () => StoreUnderTest): void {
  test("notices that somebody else overwrote or deleted the secret: the fingerprint is gone, the token's id is not", async () => {
    for (const act of ["foreignWrite", "foreignDelete"] as const) {
      const name = buildName();
      const store = get().open(name);
      const secret = buildSecret();
      await put(store, secret);
      await get()[act](name, "overwritten");
      expect(await store.describe(), act).toEqual({ apiTokenId: secret.apiTokenId });
      await store.checkWritable();
      const next = buildSecret(secret.apiTokenId);
      await put(store, next);
      await expectHolds(store, next, get());
    }
  });

  test("shows a write that was cut short as drift, and repairs it by the next write", async () => {
    for (const [how, cutShort] of Object.entries(get().cutShort)) {
      for (const isFirst of [true, false]) {
        const name = buildName();
        const store = get().open(name);
        const before = buildSecret();
        if (!isFirst) await put(store, before);
        const secret = isFirst ? buildSecret() : buildSecret(before.apiTokenId);
        await cutShort(name, secret);
        const entry = await store.describe();
        const isUntouched = !isFirst && entry?.fingerprint === before.fingerprint;
        if (isUntouched) await expectHolds(store, before, get());
        else expect(entry, `${how}, first: ${isFirst}`).toEqual({ apiTokenId: secret.apiTokenId });
        const next = buildSecret(secret.apiTokenId);
        await put(store, next);
        await expectHolds(store, next, get());
      }
    }
  });

  test("deletes what a write that was cut short left behind", async () => {
    for (const cutShort of Object.values(get().cutShort)) {
      const name = buildName();
      const store = get().open(name);
      const secret = buildSecret();
      await cutShort(name, secret);
      expect(await store.delete(secret.apiTokenId)).toBe("deleted");
      expect(await store.describe()).toBeUndefined();
      await store.checkWritable();
    }
  });
}

const hostileNames = [
  "with space",
  "schlüssel-鍵-🔑",
  "100%",
  "%2e%2e",
  'it\'s "quoted"',
  "a#b?c&d=e",
  "back\\slash",
  "{}[]^`|<>",
];

function describeArguments(get: () => StoreUnderTest): void {
  test.for(hostileNames)(
    "keeps a secret at the place %j and its destination leads back, or refuses it",
    async (hostile) => {
      const name = `${buildName()}/${hostile}`;
      if (get().names === "restricted") {
        expect((await refusal(() => get().open(name))).code).toBe("secret_store_invalid_argument");
        return;
      }
      const store = get().open(name);
      expect(store.destination).toMatch(/^[a-z-]+:\/\/[!-~]+$/);
      const secret = buildSecret();
      await put(store, secret);
      const again = get().openDestination(store.destination);
      expect(again.destination).toBe(store.destination);
      await expectHolds(again, secret, get());
      expect(await again.delete(secret.apiTokenId)).toBe("deleted");
    },
  );

  test("refuses places that no store could keep apart or name", async () => {
    for (const name of [...get().refusedNames, "line\nbreak", "nul\0", "half \ud83d", `${"long/".repeat(120)}name`]) {
      expect((await refusal(() => get().open(name))).code, JSON.stringify(name)).toBe("secret_store_invalid_argument");
    }
  });

  test("keeps secrets of 1 to 4096 bytes and refuses others, unchanged", async () => {
    const store = get().open(buildName());
    const { apiTokenId } = buildSecret();
    const largest = `${"ü".repeat(2047)}--`;
    for (const text of ["x", largest]) {
      await store.write(text, { apiTokenId, fingerprint: fingerprintOf(text) });
      expect(await heldBy(store, get())).toBe(text);
    }
    for (const text of ["", `${largest}-`]) {
      const error = await refusal(() => store.write(text, { apiTokenId, fingerprint: fingerprintOf(text) }));
      expect(error.code).toBe("secret_store_invalid_argument");
    }
    expect(await heldBy(store, get())).toBe(largest);
  });

  test("refuses ids and fingerprints that cannot be ones", async () => {
    const store = get().open(buildName());
    const secret = buildSecret();
    for (const wrong of [{ apiTokenId: "../x" }, { apiTokenId: "" }, { fingerprint: "ABC" }, { fingerprint: "" }]) {
      expect((await refusal(() => put(store, { ...secret, ...wrong }))).code).toBe("secret_store_invalid_argument");
    }
    expect(await store.describe()).toBeUndefined();
  });

  test("does nothing more once it is closed; closing twice is fine", async () => {
    const store = get().open(buildName());
    await store.close();
    await store.close();
    const secret = buildSecret();
    const calls = [
      () => put(store, secret),
      () => store.read(),
      () => store.describe(),
      () => store.checkWritable(),
      () => store.delete(secret.apiTokenId),
    ];
    for (const act of calls) expect((await refusal(act)).code).toBe("secret_store_closed");
  });

  test("does nothing when the caller has given up, and throws the caller's reason", async () => {
    const store = get().open(buildName());
    const reason = new Error("enough");
    const call = { signal: AbortSignal.abort(reason) };
    const secret = buildSecret();
    for (const act of [put(store, secret, call), store.read(call), store.describe(call), store.checkWritable(call)]) {
      await expect(act).rejects.toBe(reason);
    }
    await expect(store.delete(secret.apiTokenId, call)).rejects.toBe(reason);
    expect(await store.describe()).toBeUndefined();
  });
}

function describeConcurrency(get: () => StoreUnderTest): void {
  test("never leaves a mix of two writers of one token: what the metadata names is what is there", async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = buildName();
      const { apiTokenId } = buildSecret();
      const secrets = [buildSecret(apiTokenId), buildSecret(apiTokenId), buildSecret(apiTokenId)];
      const written = await Promise.allSettled(secrets.map((secret) => put(get().open(name), secret)));
      expectOneSucceeded(written);
      const store = get().open(name);
      const text = (await heldBy(store, get())) ?? "";
      expect(secrets.map((secret) => secret.text)).toContain(text);
      const { fingerprint } = (await store.describe()) ?? {};
      // A late writer can hide from a store without locks which secret won; then it says so, and never names another.
      expect([fingerprintOf(text), undefined]).toContain(fingerprint);
    }
  });

  test("of two tokens that want one place, one gets it", async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = buildName();
      const secrets = [buildSecret(), buildSecret()];
      const written = await Promise.allSettled(secrets.map((secret) => put(get().open(name), secret)));
      expectOneSucceeded(written);
      expect(written.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const winner = secrets[written.findIndex(({ status }) => status === "fulfilled")];
      expect(await heldBy(get().open(name), get())).toBe(winner?.text);
    }
  });

  test("of two writers that expect the same, one writes", async () => {
    const name = buildName();
    const first = buildSecret();
    await put(get().open(name), first);
    const expecting = await get().open(name).describe();
    const secrets = [buildSecret(first.apiTokenId), buildSecret(first.apiTokenId)];
    const written = await Promise.allSettled(secrets.map((secret) => put(get().open(name), secret, { expecting })));
    if (get().overwrites === "blindly") {
      const held = fingerprintOf((await heldBy(get().open(name), get())) ?? "");
      expect([held, undefined]).toContain((await get().open(name).describe())?.fingerprint);
      return;
    }
    expect(written.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const winner = secrets[written.findIndex(({ status }) => status === "fulfilled")];
    if (winner !== undefined) await expectHolds(get().open(name), winner, get());
  });
}

/** Losers are told why, by codes. */
function expectOneSucceeded(written: readonly PromiseSettledResult<unknown>[]): void {
  expect(written.some(({ status }) => status === "fulfilled")).toBe(true);
  for (const outcome of written) {
    if (outcome.status !== "rejected") continue;
    expect(outcome.reason).toBeInstanceOf(SecretStoreError);
    expect(["secret_store_conflict", "secret_store_occupied"]).toContain(outcome.reason.code);
  }
}

function describeSecrecy(get: () => StoreUnderTest): void {
  test("shows neither secrets nor credentials in errors, in metadata, or when it is inspected", async () => {
    const name = buildName();
    const store = get().open(name);
    const [theirs, ours] = [buildSecret(), buildSecret()];
    await put(store, theirs);
    const seen: unknown[] = [store, await store.describe(), await get().metadata(name)];
    seen.push(await refusal(() => put(store, ours)));
    seen.push(await refusal(() => store.write("x".repeat(5000) + ours.text, ours)));
    await store.close();
    seen.push(await refusal(() => put(store, ours)));
    const text = seen
      .map((one) => `${inspect(one, { depth: 20, showHidden: true })} ${JSON.stringify(one)}`)
      .join("\n");
    for (const hidden of [theirs.text, ours.text, ...get().credentials()]) expect(text).not.toContain(hidden);
  });
}
