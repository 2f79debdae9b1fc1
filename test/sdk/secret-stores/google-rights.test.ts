/** The roles that the documentation shows for Google, run: each suffices, each of its permissions is needed, and none reads a secret. */
import { readFile } from "node:fs/promises";
import { openGoogleSecretStore, type SecretStore } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildName, buildSecret, expectHolds, put, refusal } from "../../conformance/secret-stores.ts";
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { trust } from "../../support/trust.ts";

const day = 24 * 3_600_000;
let google: GoogleDouble;

beforeAll(async () => {
  vi.stubEnv("METADATA_SERVER_DETECTION", "none");
  google = await startGoogleDouble();
  trust(google.certificatePem);
});

afterAll(() => google.close());

const nameOf = (secret: string) => `projects/my-project/secrets/${secret}`;

/** Opens a secret with these permissions; with all when none are named. */
function open(secret: string, permissions: readonly string[] = ["*"], destroyOldVersionsAfterMs?: number): SecretStore {
  const { credentials } = google.accountWith(permissions);
  const retiring = destroyOldVersionsAfterMs === undefined ? {} : { destroyOldVersionsAfterMs };
  return openGoogleSecretStore({ project: "my-project", secret, endpoint: google.endpoint, credentials, ...retiring });
}

async function permissionsOf(role: string): Promise<readonly string[]> {
  const file = new URL(`../../../examples/terraform/stores/google_secret_manager/${role}.yaml`, import.meta.url);
  const permissions = (await readFile(file, "utf8")).match(/secretmanager\.(?:secrets|versions)\.\w+/g) ?? [];
  expect(permissions.length).toBeGreaterThan(1);
  return permissions;
}

/** A token's life in a secret that is created for it. */
async function live(name: string, permissions: readonly string[]): Promise<void> {
  const store = open(name, permissions);
  await store.checkWritable();
  const { apiTokenId } = buildSecret();
  await put(store, buildSecret(apiTokenId));
  await store.checkWritable();
  const secret = buildSecret(apiTokenId);
  await put(store, secret);
  await expectHolds(open(name), secret);
  expect((await store.describe())?.fingerprint).toBe(secret.fingerprint);
  expect(await store.delete(apiTokenId)).toBe("deleted");
}

/** A token's life in a secret that somebody prepared, until its old versions are disabled and destroyed. */
async function livePrepared(name: string, permissions: readonly string[]): Promise<void> {
  google.secrets.create(nameOf(name), { replication: { automatic: {} } });
  const store = open(name, permissions, day);
  const { apiTokenId } = buildSecret();
  for (let rotation = 0; rotation < 4; rotation += 1) {
    await store.checkWritable();
    await put(store, buildSecret(apiTokenId));
    google.secrets.age(nameOf(name), 2 * day);
  }
  expect(google.secrets.states(nameOf(name))).toContain("DESTROYED");
  expect(await store.delete(apiTokenId)).toBe("deleted");
}

const lives = [
  ["role", live],
  ["role-prepared", livePrepared],
] as const;

test.each(lives)("the documented %s suffices, and reads no secret", async (role, run) => {
  const permissions = await permissionsOf(role);
  await run(buildName(), permissions);
  const name = buildName();
  await put(open(name), buildSecret());
  const error = await refusal(() => open(name, permissions).read());
  expect(error.code).toBe("secret_store_refused");
  expect(error.message).toContain("secretmanager.versions.access");
});

test.each(lives)(
  "each permission of the %s is needed, and its lack is told by its name and the resource",
  async (role, run) => {
    const permissions = await permissionsOf(role);
    for (const lacking of permissions) {
      const error = await refusal(() =>
        run(
          buildName(),
          permissions.filter((one) => one !== lacking),
        ),
      );
      expect(error, lacking).toMatchObject({ code: "secret_store_refused", retryable: false });
      expect(error.message).toContain(lacking);
      expect(error.message).toContain("projects/my-project");
    }
  },
);

test("the documented role of a plan finds drift, and can neither read nor write", async () => {
  const name = buildName();
  const secret = buildSecret();
  await put(open(name), secret);
  const store = open(name, await permissionsOf("role-plan"));
  expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
  google.secrets.addVersion(nameOf(name), "theirs");
  expect(await store.describe()).toEqual({ apiTokenId: secret.apiTokenId });
  for (const act of [() => store.read(), () => put(store, secret), () => store.delete(secret.apiTokenId)])
    expect((await refusal(act)).code).toBe("secret_store_refused");
});

test("credentials that may not write are found before anything is created", async () => {
  const name = buildName();
  await put(open(name), buildSecret());
  const permissions = ["secrets.get", "versions.get", "versions.add"].map((one) => `secretmanager.${one}`);
  const error = await refusal(() => open(name, permissions).checkWritable());
  expect(error.code).toBe("secret_store_refused");
  expect(error.message).toMatch(/need on projects\/my-project\/secrets\/\S+: secretmanager\.secrets\.update\.$/);
});
