/** Who one is at GitHub, its limits of rate, and what may answer instead of it. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { inspect } from "node:util";
import {
  type GitHubAccess,
  openDestination,
  openGitHubActionsSecretStore,
  type SecretStore,
} from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { buildSecret, put, refusal } from "../../conformance/secret-stores.ts";
import { type GitHubDouble, startGitHubDouble } from "../../support/github-double.ts";
import type { GitHubReply } from "../../support/github-secrets.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

// The description is fetched once per machine.
vi.setConfig({ hookTimeout: 300_000 });

let github: GitHubDouble;

beforeAll(async () => {
  github = await startGitHubDouble();
});

afterAll(() => github.close());

let count = 0;

function open(access: GitHubAccess): SecretStore {
  count += 1;
  const place = { owner: "my-org", repository: "my-repo", name: `NAME_${count}` };
  return openGitHubActionsSecretStore({ ...place, apiUrl: github.apiUrl, ...access });
}

/** Lets the next calls be answered by these, one after the other. */
function answerNext(...replies: readonly GitHubReply[]): void {
  const rest = [...replies];
  github.interfere(() => rest.shift());
  onTestFinished(() => github.interfere(undefined));
}

describe("GitHub's credentials", () => {
  test("can be a GitHub App: its key is exchanged once, and again when the token is not accepted any more", async () => {
    const app = github.identities.appWith({ secrets: "write", actions_variables: "write" });
    const store = open({ app });
    const secret = buildSecret();
    await store.checkWritable();
    await put(store, secret);
    expect(await store.describe()).toMatchObject({ fingerprint: secret.fingerprint });
    expect(app.exchanges()).toBe(1);
    expect(await store.delete(secret.apiTokenId)).toBe("deleted");
  });

  test("of an App are renewed before they expire", async () => {
    const app = github.identities.appWith({ secrets: "write", actions_variables: "write" });
    const store = open({ app });
    await store.describe();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    github.identities.expireInstallationTokens();
    await store.describe();
    expect(app.exchanges()).toBe(2);
  });

  test("of an App that may not write are found out before anything is created, by what its installation may", async () => {
    const app = github.identities.appWith({ secrets: "write", actions_variables: "read" });
    const error = await refusal(() => open({ app }).checkWritable());
    expect(error.code).toBe("secret_store_refused");
    expect(error.message).toMatch(/They need: repository permission Variables, read and write\.$/);
  });

  test("of an App that is not installed, or has another key, are refused, and are not a missing secret", async () => {
    const app = github.identities.appWith({ secrets: "write" });
    const other = github.identities.appWith({ secrets: "write" });
    const wrong = [
      { ...app, installationId: other.installationId },
      { ...app, privateKey: other.privateKey },
    ];
    for (const one of wrong) {
      const error = await refusal(() => open({ app: one }).describe());
      expect(error.code).toBe("secret_store_refused");
      expect(error.message).toContain("GitHub gives the App no token");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(app.privateKey.slice(60, 100));
    }
  });

  test("come from the environment when none are set: an App, then GH_TOKEN, then GITHUB_TOKEN; and what is set wins", async () => {
    const destination = "github-actions://my-org/my-repo/FROM_ENVIRONMENT";
    const app = github.identities.appWith({});
    const ofApp = {
      GITHUB_APP_ID: app.appId,
      GITHUB_APP_INSTALLATION_ID: app.installationId,
      GITHUB_APP_PRIVATE_KEY: app.privateKey,
    };
    const { apiUrl, token } = github;
    const environment = { GITHUB_API_URL: apiUrl, GH_TOKEN: token, GITHUB_TOKEN: "wrong" };
    expect(await openDestination(destination, { environment }).describe()).toBeUndefined();
    expect(
      await openDestination(destination, {
        environment: { ...environment, GH_TOKEN: "", GITHUB_TOKEN: token },
      }).describe(),
    ).toBeUndefined();
    const asApp = openDestination(destination, { environment: { ...environment, ...ofApp } });
    expect((await refusal(() => asApp.describe())).message).toContain("may not do that");
    const set = { githubActions: { token }, environment: { ...environment, ...ofApp } };
    expect(await openDestination(destination, set).describe()).toBeUndefined();
  });

  test("come from gh auth token when there are no others, and when that has none, what to do is said", async () => {
    const folder = await temporaryFolder();
    const program = join(folder, "gh");
    await writeFile(program, `#!/bin/sh\n[ "$*" = "auth token --hostname 127.0.0.1" ] && echo ${github.token}\n`);
    await chmod(program, 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
    vi.stubEnv("ORGTOKENS_API_TOKEN", "hunter2");
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(await open({}).describe()).toBeUndefined();
    await writeFile(program, "#!/bin/sh\necho no oauth token >&2; exit 1\n");
    const store = open({});
    const error = await refusal(() => store.describe());
    expect(error).toMatchObject({ code: "secret_store_refused" });
    expect(error.message).toContain("gh auth login");
    // It is told nothing by which it could be us at the server.
    await writeFile(program, `#!/bin/sh\nenv >"${folder}/seen"; echo ${github.token}\n`);
    expect(await store.describe()).toBeUndefined();
    const seen = await readFile(join(folder, "seen"), "utf8");
    expect(seen).toContain("PATH=");
    expect(seen).not.toContain("hunter2");
  });

  test("that cannot be ones are refused at once, and never quoted", async () => {
    const app = { appId: "1", installationId: "2", privateKey: "hunter2" };
    for (const access of [{ token: "hunter2\n" }, { app }, { token: "hunter2", app }]) {
      const error = await refusal(() => open(access));
      expect(error.code).toBe("secret_store_invalid_argument");
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("hunter2");
    }
    expect((await refusal(() => open({ token: "wrong" }).describe())).code).toBe("secret_store_refused");
  });
});

describe("GitHub's limits of rate", () => {
  const limited = { status: 403, body: { message: "limited" } };

  test("are waited for when they are short", async () => {
    answerNext({ ...limited, headers: { "retry-after": "1" } }, { status: 429, headers: { "retry-after": "0" } });
    expect(await open({ token: github.token }).describe()).toBeUndefined();
  });

  test("that last longer are told with their time, as retryable, and are no missing permission", async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 600);
    const page =
      "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits";
    const answers: readonly [GitHubReply, RegExp][] = [
      [{ ...limited, headers: { "retry-after": "60" } }, /Try again in 60 s\. Fewer writes at once help/],
      [
        { ...limited, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset } },
        /Try again in (59\d|60\d) s\.$/,
      ],
      [{ status: 403, body: { documentation_url: page } }, /Try again in 60 s/],
      [{ status: 429, body: {} }, /Try again in 60 s/],
    ];
    for (const [reply, told] of answers) {
      github.interfere(() => reply);
      const error = await refusal(() => open({ token: github.token }).describe());
      github.interfere(undefined);
      expect(error).toMatchObject({ code: "secret_store_unreachable", retryable: true });
      expect(error.message).toMatch(told);
    }
  });

  test("that come again and again end the call", async () => {
    github.interfere(() => ({ ...limited, headers: { "retry-after": "0" } }));
    onTestFinished(() => github.interfere(undefined));
    expect((await refusal(() => open({ token: github.token }).describe())).code).toBe("secret_store_unreachable");
  });
});

describe("GitHub's address", () => {
  test("that hangs up, breaks off or fails is retryable; one that is something else is not; nothing of it is quoted", async () => {
    const cases = { cut: "unreachable", "cut in the middle": "unreachable", garbage: "failed" } as const;
    for (const [mishap, code] of Object.entries(cases) as [keyof typeof cases, string][]) {
      github.interfere(() => mishap);
      const error = await refusal(() => open({ token: github.token }).describe());
      github.interfere(undefined);
      expect(error.code, mishap).toBe(`secret_store_${code}`);
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/hunter2|github_pat_/);
    }
    answerNext({ status: 502, body: { message: "hunter2" } }, { status: 502, body: { message: "hunter2" } });
    const failed = await refusal(() => open({ token: github.token }).describe());
    expect(failed).toMatchObject({ code: "secret_store_unreachable", retryable: true });
    const nobody = await refusal(() => open({ token: github.token, apiUrl: "http://127.0.0.1:1" }).describe());
    expect(nobody).toMatchObject({ code: "secret_store_unreachable", retryable: true });
  });

  test("answers that are too long are not read to their end", async () => {
    const long = { status: 200, body: { name: "x".repeat(2_000_000) } };
    answerNext(long, long);
    expect((await refusal(() => open({ token: github.token }).describe())).code).toBe("secret_store_unreachable");
  });

  test("that does not answer is given up when the caller gives up, with the caller's reason", async () => {
    const reason = new Error("enough");
    const app = github.identities.appWith({ secrets: "write", actions_variables: "write" });
    for (const access of [{ token: github.token }, { app }]) {
      const controller = new AbortController();
      github.interfere(() => {
        controller.abort(reason);
        return "hang";
      });
      await expect(open(access).describe({ signal: controller.signal })).rejects.toBe(reason);
      github.interfere(undefined);
    }
  });

  test("must be an https URL, or one of this machine", async () => {
    for (const apiUrl of ["http://ghe.example.com", "ftp://x", "https://user:pass@x", "https://x/?a=b", "x"]) {
      expect((await refusal(() => open({ token: "t", apiUrl }))).code, apiUrl).toBe("secret_store_invalid_argument");
    }
    open({ token: "t", apiUrl: "https://ghe.example.com/api/v3/" });
  });
});
