/** What is wrong with a place is said before anything is reached, with the attribute that is wrong. */
import { expect, test } from "vitest";
import { formatPath, type Value } from "../../../provider/framework/index.ts";
import { type StoreKindName, storeKindNames } from "../../../provider/secret-stores/secret-store.ts";
import { startProvider } from "../configuration/configure-provider.ts";

type Places = Readonly<Record<StoreKindName, { readonly good: Members; readonly bad: readonly Members[] }>>;
type Members = Readonly<Record<string, string>>;

/** A place of each kind; and what of it cannot be, one member at a time. */
const places: Places = {
  aws_secrets_manager: {
    good: { region: "eu-central-1", name: "ci/token" },
    bad: [{ region: "Frankfurt" }, { name: "a b" }, { key: "a\nb" }],
  },
  aws_ssm: {
    good: { region: "eu-central-1", path: "/ci/token" },
    bad: [{ region: "" }, { path: "/aws/x" }, { path: "a//b" }],
  },
  azure_key_vault: {
    good: { vault: "my-vault", secret: "ci-token" },
    bad: [
      { vault: "my_vault" },
      { vault: "metadata.google.internal" },
      { vault: "my-vault.example.com" },
      { secret: "CI" },
      { secret: "ci/token" },
    ],
  },
  command: {
    good: { program: "pass", entry: "ci/token" },
    bad: [{ program: "Pass" }, { entry: "--all" }, { entry: "" }],
  },
  file: { good: { path: "/secrets/ci" }, bad: [{ path: "" }, { key: "\u0007" }] },
  github_actions: {
    good: { owner: "my-org", repository: "my-repo", name: "CI_TOKEN" },
    bad: [{ environment: ".." }, { owner: "-" }, { repository: "a/b" }, { name: "GITHUB_TOKEN" }, { name: "1ST" }],
  },
  google_secret_manager: {
    good: { project: "my-project", secret: "ci-token" },
    bad: [{ project: "My Project" }, { secret: "ci/token" }, { location: "Europe!" }],
  },
  kubernetes: {
    good: { namespace: "ci", name: "orgtokens" },
    bad: [{ namespace: "CI" }, { name: "a_b" }, { key: ".k/" }],
  },
  vault: { good: { mount: "kv", path: "ci/token" }, bad: [{ mount: "" }, { path: "a\nb" }, { key: "" }] },
};

const { server } = startProvider();

/** The attributes that are refused when a token has this store. */
async function validate(store: Value): Promise<readonly string[]> {
  const config = { label: "CI", role: "developer", secret_store: store };
  const clientCapabilities = { deferralAllowed: false, writeOnlyAttributesAllowed: true };
  const request = { typeName: "orgtokens_api_token", config, clientCapabilities };
  const { diagnostics } = await server.validateResourceConfig(request, new AbortController().signal);
  return diagnostics.map(({ attribute = [] }) => formatPath(attribute));
}

test.each(storeKindNames.map((kind) => ({ kind, ...places[kind] })))(
  "a place of $kind that cannot be is refused offline, and the attribute is named",
  async ({ kind, good, bad }) => {
    expect(await validate({ [kind]: good })).toEqual([]);
    for (const wrong of bad) {
      const [member] = Object.keys(wrong);
      const paths = await validate({ [kind]: { ...good, ...wrong } });
      expect(new Set(paths), JSON.stringify(wrong)).toEqual(new Set([`secret_store.${kind}.${member}`]));
    }
  },
);

test("no place, and two at once, are refused at the attribute", async () => {
  expect(await validate({})).toEqual(["secret_store"]);
  expect(await validate({ file: { path: "/a" }, command: { program: "pass", entry: "a" } })).toEqual(["secret_store"]);
});
