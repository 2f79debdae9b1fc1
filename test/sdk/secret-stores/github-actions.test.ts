/** The official client over a real socket, to a double that follows the description by GitHub. long: one connection to one double. */
import {
  type GitHubActionsSecretStoreOptions,
  gitHubActionsDestination,
  openGitHubActionsSecretStore,
  parseGitHubActionsDestination,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import {
  buildName,
  buildSecret,
  describeSecretStore,
  expectHolds,
  put,
  refusal,
  type TestSecret,
} from "../../conformance/secret-stores.ts";
import { type GitHubDouble, startGitHubDouble } from "../../support/github-double.ts";
import type { GitHubPermissions } from "../../support/github-identity.ts";

// The description is fetched once per machine.
vi.setConfig({ hookTimeout: 300_000 });

let github: GitHubDouble;

beforeAll(async () => {
  github = await startGitHubDouble();
});

afterAll(() => github.close());

const repository = ["my-org", "my-repo"];

function open(name: string, options: Partial<GitHubActionsSecretStoreOptions> = {}): SecretStore {
  const { apiUrl, token } = github;
  const place = { owner: "my-org", repository: "my-repo", name: nameOf(name) };
  return openGitHubActionsSecretStore({ ...place, apiUrl, token, ...options });
}

function openWith(name: string, permissions: GitHubPermissions): SecretStore {
  return open(name, { token: github.identities.tokenWith(permissions) });
}

/** The suite's names have hyphens, which no secret has. */
const nameOf = (name: string) => name.replace(/^place-/, "place_");

function peek(destination: string): string | undefined {
  const { owner = "", repository: repo, environment, name = "" } = parseGitHubActionsDestination(destination) ?? {};
  return github.secrets.peek(
    [owner, repo, environment].filter((part) => part !== undefined),
    name,
  );
}

describeSecretStore(
  "github_actions",
  () => ({
    open,
    openDestination: (destination) => open("", parseGitHubActionsDestination(destination)),
    // GitHub tells times to the second, and so do we: what somebody else does at the same moment is another test.
    foreignWrite: async (name, text) => {
      github.elapse(5);
      github.secrets.overwrite(repository, nameOf(name), text);
    },
    foreignDelete: async (name) => github.secrets.remove(repository, nameOf(name)),
    peek: async (destination) => peek(destination),
    metadata: async (name) => github.secrets.variable(repository, `${nameOf(name)}_ORGTOKENS`) ?? "",
    cutShort: {
      "before the secret": (name, secret) => cutShort(name, secret, (call) => call.startsWith("PUT ")),
      "after the secret": (name, secret) => cutShort(name, secret, after("PUT ")),
      "after the secret, long after the one before": (name, secret) => {
        github.elapse(60);
        return cutShort(name, secret, after("PUT "));
      },
    },
    lacking: {
      describe: (name) => openWith(name, { actions_variables: "write" }),
      write: (name) => openWith(name, { secrets: "read", actions_variables: "write" }),
      delete: { none: "GitHub has no right to delete, but one to write." },
      read: { none: "GitHub gives no secret back." },
    },
    network: {
      none: "Who was cut short keeps others away for 30 s: faults have tests of their own, which let that time pass.",
    },
    credentials: () => [github.token],
    refusedNames: ["", "GITHUB_TOKEN", "github_x", "1st", "a.b", "a-b", "x".repeat(201)],
    names: "restricted",
  }),
  ["refuses to delete without", "refuses to read without", "describes, writes and deletes without", "faults"],
);

/** From the call after one on. */
function after(start: string): (call: string) => boolean {
  let isOver = false;
  return (call) => {
    const isAfter = isOver;
    isOver ||= call.startsWith(start);
    return isAfter;
  };
}

/** A writer that does not get further than a call, a while ago. */
async function cutShort(name: string, secret: TestSecret, isEnd: (call: string) => boolean): Promise<void> {
  let hasEnded = false;
  github.interfere((call) => {
    hasEnded ||= isEnd(call);
    return hasEnded ? "cut" : undefined;
  });
  try {
    await put(open(name), secret).catch(() => undefined);
  } finally {
    github.interfere(undefined);
    github.elapse(60);
  }
}
const peeking = { peek: async (destination: string) => peek(destination) };
const levels = {
  repository: { owner: "my-org", repository: "my-repo" },
  environment: { owner: "my-org", repository: "my-repo", environment: "production" },
  organization: { owner: "my-org" },
} as const;
/** What the guide names, by the names that GitHub's API has for it. */
const permissions = {
  repository: ["secrets", "actions_variables"],
  environment: ["environments"],
  organization: ["organization_secrets", "organization_actions_variables"],
} as const;

function openAt(level: keyof typeof levels, name: string, options: Partial<GitHubActionsSecretStoreOptions> = {}) {
  const { apiUrl, token } = github;
  return openGitHubActionsSecretStore({ ...levels[level], name: nameOf(name), apiUrl, token, ...options });
}

const granting = (names: readonly string[], access: "read" | "write") =>
  github.identities.tokenWith(Object.fromEntries(names.map((name) => [name, access])));

describe.each(["repository", "environment", "organization"] as const)(
  "a secret of GitHub Actions of the level %s",
  (level) => {
    test("needs the permissions that the guide names, and says which one is missing", async () => {
      const token = granting(permissions[level], "write");
      const [name, secret] = [buildName(), buildSecret()];
      const store = openAt(level, name, { token });
      await store.checkWritable();
      await put(store, secret);
      await expectHolds(store, secret, peeking);
      expect(await store.delete(secret.apiTokenId)).toBe("deleted");
      for (const missing of permissions[level]) {
        const rest = permissions[level].filter((one) => one !== missing);
        const error = await refusal(() => openAt(level, name, { token: granting(rest, "write") }).describe());
        expect(error).toMatchObject({ code: "secret_store_refused", retryable: false });
        const title = /variables/.test(missing) ? "Variables" : /secrets/.test(missing) ? "Secrets" : "Environments";
        expect(error.message).toMatch(new RegExp(`permission ${title}, read and write`));
      }
    });

    test("is described with permissions to read, and not written", async () => {
      const [name, secret] = [buildName(), buildSecret()];
      await put(openAt(level, name), secret);
      const store = openAt(level, name, { token: granting(permissions[level], "read") });
      expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
      expect((await refusal(() => put(store, buildSecret(secret.apiTokenId)))).code).toBe("secret_store_refused");
      expect((await refusal(() => store.delete(secret.apiTokenId))).code).toBe("secret_store_refused");
      await expectHolds(openAt(level, name), secret, peeking);
    });

    test("leaves nothing behind when it is deleted, and no lock when it is written", async () => {
      const scope = Object.values(levels[level]);
      const before = github.secrets.variableNames(scope);
      const secret = buildSecret();
      const store = openAt(level, buildName());
      await put(store, secret);
      expect(github.secrets.variableNames(scope)).toHaveLength(before.length + 1);
      expect(await store.delete(secret.apiTokenId)).toBe("deleted");
      expect(github.secrets.variableNames(scope)).toEqual(before);
    });
  },
);

describe("a secret of GitHub Actions", () => {
  test("is nothing in an organization, a repository or an environment that is not there: that is said, and is no absence", async () => {
    for (const other of [{ environment: "staging" }, { repository: "other" }]) {
      const store = open(buildName(), other);
      for (const act of [() => store.describe(), () => store.checkWritable(), () => put(store, buildSecret())]) {
        expect((await refusal(act)).code).toBe("secret_store_not_found");
      }
    }
    const renamed = open(buildName());
    github.interfere(() => ({ status: 301, headers: { location: `${github.apiUrl}/repositories/1/actions` } }));
    const error = await refusal(() => renamed.describe());
    github.interfere(undefined);
    expect(error.message).toContain("was renamed or moved (301)");
  });

  test("is the same place in capitals and without, and its name is kept in capitals", async () => {
    const secret = buildSecret();
    const name = nameOf(buildName());
    const store = open(name, { owner: "My-Org", repository: "My-Repo" });
    expect(store.destination).toBe(`github-actions://my-org/my-repo/${name.toUpperCase()}`);
    await put(store, secret);
    expect((await open(name.toUpperCase()).describe())?.fingerprint).toBe(secret.fingerprint);
  });

  test("of an organization is used by whom the place says, else by whom it was used, and its metadata by nobody", async () => {
    const secret = buildSecret();
    const name = buildName();
    const use = (kind: "secrets" | "variables", suffix = "") =>
      github.secrets.use(["my-org"], kind, `${nameOf(name)}${suffix}`);
    const write = (options: Partial<GitHubActionsSecretStoreOptions>) =>
      put(openAt("organization", name, options), buildSecret(secret.apiTokenId));
    await write({});
    expect(use("secrets")).toEqual({ visibility: "private", selected: [] });
    const selected = Array.from({ length: 120 }, (_, index) => index + 1);
    await write({ visibility: "selected", selectedRepositoryIds: selected });
    expect(use("secrets")).toEqual({ visibility: "selected", selected });
    await write({});
    expect(use("secrets")).toEqual({ visibility: "selected", selected });
    await write({ visibility: "all" });
    expect(use("secrets")).toEqual({ visibility: "all", selected: [] });
    expect(use("variables", "_ORGTOKENS")).toEqual({ visibility: "selected", selected: [] });
  });

  test("is not touched where a variable of somebody else has the name of its metadata", async () => {
    const name = buildName();
    github.secrets.overwriteVariable(repository, `${nameOf(name)}_ORGTOKENS`, "theirs");
    expect(await open(name).describe()).toEqual({});
    expect((await refusal(() => put(open(name), buildSecret()))).code).toBe("secret_store_occupied");
    expect(github.secrets.variable(repository, `${nameOf(name)}_ORGTOKENS`)).toBe("theirs");
  });

  test("that somebody else wrote between our looking and our writing is a conflict, and never taken for ours", async () => {
    for (const isThere of [true, false]) {
      const name = buildName();
      const { apiTokenId } = buildSecret();
      if (isThere) await put(open(name), buildSecret(apiTokenId));
      github.interfere((call) => {
        if (!call.startsWith("PUT ")) return undefined;
        github.interfere(undefined);
        if (isThere) github.secrets.remove(repository, nameOf(name));
        else github.secrets.overwrite(repository, nameOf(name), "theirs");
        return undefined;
      });
      const error = await refusal(() => put(open(name), buildSecret(apiTokenId)));
      expect(error).toMatchObject({ code: "secret_store_conflict", retryable: true });
      expect(await open(name).describe()).toEqual({ apiTokenId });
    }
  });

  test("that somebody else overwrote before GitHub told of when ours is, is a conflict", async () => {
    const name = buildName();
    const secret = buildSecret();
    let isPut = false;
    github.interfere((call) => {
      if (isPut) {
        github.interfere(undefined);
        github.elapse(10);
        github.secrets.overwrite(repository, nameOf(name), "theirs");
      }
      isPut ||= call.startsWith("PUT ");
      return undefined;
    });
    expect((await refusal(() => put(open(name), secret))).code).toBe("secret_store_conflict");
    expect(await open(name).describe()).toEqual({ apiTokenId: secret.apiTokenId });
  });

  test("is asked for again while GitHub shows what was before the write", async () => {
    const name = buildName();
    const secret = buildSecret();
    await put(open(name), secret);
    github.elapse(3600);
    const stale = new Date(Date.now() - 86_400_000).toISOString();
    let lies = 2;
    let isPut = false;
    github.interfere((call) => {
      const isAsked = isPut && /^GET .*\/secrets\/PLACE_/.test(call);
      isPut ||= call.startsWith("PUT ");
      if (!isAsked || lies === 0) return undefined;
      lies -= 1;
      return { status: 200, body: { name, created_at: stale, updated_at: stale } };
    });
    const next = buildSecret(secret.apiTokenId);
    await put(open(name), next);
    github.interfere(undefined);
    expect(lies).toBe(0);
    await expectHolds(open(name), next, peeking);
  });

  test("takes 50 writes of one token at once: one wins, the others are told, and what it says is so", async () => {
    const name = buildName();
    const { apiTokenId } = buildSecret();
    await put(open(name), buildSecret(apiTokenId));
    const secrets = Array.from({ length: 50 }, () => buildSecret(apiTokenId));
    const written = await Promise.allSettled(secrets.map((secret) => put(open(name), secret)));
    for (const outcome of written) {
      if (outcome.status === "rejected") expect(outcome.reason.code).toBe("secret_store_conflict");
    }
    const winner = secrets.findLast((_, index) => written[index]?.status === "fulfilled");
    expect(winner).toBeDefined();
    const held = secrets.find(({ text }) => text === peek(open(name).destination));
    expect(await open(name).describe()).toMatchObject({ fingerprint: held?.fingerprint });
  });

  test("keeps others away for half a minute when a write was cut short in doubt, and not when it was refused", async () => {
    const name = buildName();
    const secret = buildSecret();
    github.interfere((call) => (call.startsWith("PUT ") ? "cut" : undefined));
    expect((await refusal(() => put(open(name), secret))).code).toBe("secret_store_unreachable");
    github.interfere(undefined);
    expect(await refusal(() => put(open(name), secret))).toMatchObject({
      code: "secret_store_conflict",
      retryable: true,
    });
    github.elapse(31);
    await put(open(name), secret);
    github.interfere((call) => (call.startsWith("PUT ") ? { status: 422, body: {} } : undefined));
    expect((await refusal(() => put(open(name), buildSecret(secret.apiTokenId)))).code).toBe("secret_store_failed");
    github.interfere(undefined);
    await put(open(name), buildSecret(secret.apiTokenId));
  });

  test("is not taken for written when something else answers a write with 200", async () => {
    for (const start of ["POST", "PUT", "PATCH"]) {
      github.interfere((call) => (call.startsWith(`${start} `) ? "garbage" : undefined));
      expect((await refusal(() => put(open(buildName()), buildSecret()))).code, start).toBe("secret_store_failed");
      github.interfere(undefined);
    }
  });

  test("is written also when its lock cannot be given back", async () => {
    const [name, secret] = [buildName(), buildSecret()];
    github.interfere((call) => (/^DELETE .*_LOCK$/.test(call) ? "cut" : undefined));
    await put(open(name), secret);
    github.interfere(undefined);
    await expectHolds(open(name), secret, peeking);
  });
});

test("a destination leads back to its place; other URIs lead nowhere", () => {
  const places = [
    { owner: "my-org", name: "CI" },
    { owner: "my-org", repository: "my.repo", name: "CI" },
    { owner: "my-org", repository: "my-repo", environment: "eu/prod 1", name: "CI_TOKEN" },
  ];
  for (const place of places) expect(parseGitHubActionsDestination(gitHubActionsDestination(place))).toEqual(place);
  const others = [
    "github-actions://a",
    "github-actions://a/b/c/d/E",
    "github-actions://a/B#c",
    "github-actions://%zz/B",
  ];
  for (const other of [...others, "vault://a/b#c"]) {
    expect(parseGitHubActionsDestination(other), other).toBeUndefined();
  }
});
