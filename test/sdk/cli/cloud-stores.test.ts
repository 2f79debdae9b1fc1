/** The `orgtokens` command with the stores of vendors, each reached by what its own tools find in the environment. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type AzureDouble, startAzureDouble } from "../../support/azure-double.ts";
import { type GitHubDouble, startGitHubDouble } from "../../support/github-double.ts";
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { type Moto, startMoto } from "../../support/moto.ts";
import { environmentOf, runOrgtokens } from "../../support/orgtokens-command.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

// Each step starts a process, and moto and GitHub's description are fetched once per machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });

let folder: string;
let server: ServerProcess;
let moto: Moto;
let azure: AzureDouble;
let github: GitHubDouble;
let google: GoogleDouble;

beforeAll(async () => {
  folder = await makeFolder();
  [server, moto, azure, github, google] = await Promise.all([
    startServer(folder),
    startMoto(),
    startAzureDouble(),
    startGitHubDouble(),
    startGoogleDouble(),
  ]);
});

afterAll(async () => {
  await Promise.all([server.close(), moto.close(), azure.close(), github.close(), google.close()]);
  await rm(folder, { recursive: true, force: true });
});

type Place = {
  readonly destination: string;
  readonly environment: () => Promise<Readonly<Record<string, string>>> | Readonly<Record<string, string>>;
};

const places: readonly Place[] = [
  { destination: "aws-secrets-manager://eu-central-1/cli/whole", environment: () => moto.environment },
  { destination: "aws-secrets-manager://eu-central-1/cli/shared#token", environment: () => moto.environment },
  { destination: "aws-ssm://eu-central-1/cli/token", environment: () => moto.environment },
  { destination: "azure-key-vault://my-vault/cli-token", environment: () => azure.environment() },
  { destination: "github-actions://my-org/my-repo/CLI_TOKEN", environment: () => github.environment },
  { destination: "google-secret-manager://my-project/cli-token", environment: () => google.environment() },
];

test.for(places)(
  "a token is delivered to $destination by what the environment says, checked, rotated and revoked with its entry",
  async ({ destination, environment }) => {
    const all = { ...environmentOf(server), ...(await environment()) };
    const run = async (...words: readonly string[]) => {
      const { exitCode, output } = await runOrgtokens(folder, all, "tokens", ...words);
      expect(exitCode, output).toBe(0);
      expect(output).not.toMatch(/tok_[0-9A-Za-z]{36}/);
      return output;
    };
    const label = destination.slice(0, 90);
    const created = await run("create", "--label", label, "--role", "developer", "--store", destination);
    expect(created).toContain(`Its secret is at ${destination}\n`);
    expect(await run("deliver-check", label)).toMatch(/^held /);
    await run("rotate", label);
    expect(await run("deliver-check", label)).toMatch(/^held /);
    expect(await run("revoke", label, "--yes-revoke", label)).toContain(`Deleted ${destination}\n`);
  },
);
