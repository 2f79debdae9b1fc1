/** What the official clients print when somebody debugs: with which variable a secret can be seen, and that our command prints none. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { revealingVariables } from "@orgtokens/sdk/secret-stores";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildName, buildSecret } from "../../conformance/secret-stores.ts";
import { type AzureDouble, startAzureDouble } from "../../support/azure-double.ts";
import { type GitHubDouble, startGitHubDouble } from "../../support/github-double.ts";
import { type GoogleDouble, startGoogleDouble } from "../../support/google-double.ts";
import { type Moto, startMoto } from "../../support/moto.ts";
import { type OpenBao, startOpenBao } from "../../support/openbao.ts";
import { environmentOf, runOrgtokens } from "../../support/orgtokens-command.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";

let folder: string;
let server: ServerProcess;
let azure: AzureDouble;
let github: GitHubDouble;
let google: GoogleDouble;
let moto: Moto;
let bao: OpenBao;

beforeAll(async () => {
  folder = await makeFolder();
  [server, azure, github, google, moto, bao] = await Promise.all([
    startServer(folder),
    startAzureDouble(),
    startGitHubDouble(),
    startGoogleDouble(),
    startMoto(),
    startOpenBao(),
  ]);
}, 330_000);

afterAll(async () => {
  await Promise.all([server.close(), azure.close(), github.close(), google.close(), moto.close(), bao.close()]);
  await rm(folder, { recursive: true, force: true });
});

/** Variables that somebody sets who wants to see more, with the most that they show. */
const debugVariables = {
  NODE_DEBUG: "http,https,fetch,undici,http2,net,tls",
  DEBUG: "*",
  GRPC_TRACE: "all",
  AZURE_LOG_LEVEL: "verbose",
  GH_DEBUG: "api",
  GOOGLE_SDK_NODE_LOGGING: "all",
} as const;

const stores = {
  vault: async () => ({
    destination: `vault://kv/${buildName()}#token`,
    environment: { VAULT_ADDR: bao.address, VAULT_TOKEN: bao.rootToken },
  }),
  aws_secrets_manager: async () => ({
    destination: `aws-secrets-manager://eu-central-1/${buildName()}`,
    environment: moto.environment,
  }),
  aws_ssm: async () => ({ destination: `aws-ssm://eu-central-1/${buildName()}`, environment: moto.environment }),
  azure_key_vault: async () => ({
    destination: `azure-key-vault://my-vault/${buildName()}`,
    environment: await azure.environment(),
  }),
  github_actions: async () => ({
    destination: `github-actions://my-org/my-repo/${buildName().replaceAll("-", "_").toUpperCase()}`,
    environment: github.environment,
  }),
  google_secret_manager: async () => ({
    destination: `google-secret-manager://my-project/${buildName()}`,
    environment: await google.environment(),
  }),
} as const;

/** A token as text, in base64, and as the bytes of a buffer in decimal and hexadecimal. */
const aToken = /tok_[0-9A-Za-z]{36}|dG9rX[\w+/]{40}|116,111,107,95|74 6f 6b 5f/;

test.for([
  "vault",
  "aws_secrets_manager",
  "aws_ssm",
  "azure_key_vault",
  "github_actions",
  "google_secret_manager",
] as const)(
  "%s: with every variable for debugging, the command delivers and prints no token in any form",
  { timeout: 90_000 },
  async (kind) => {
    const { destination, environment } = await stores[kind]();
    const everything = { ...environmentOf(server), ...environment, GRPC_VERBOSITY: "DEBUG", ...debugVariables };
    const words = ["tokens", "create", "--label", buildName(), "--role", "developer", "--store", destination];
    const { exitCode, output } = await runOrgtokens(folder, everything, ...words);
    expect(output).not.toMatch(aToken);
    expect(exitCode, output.slice(-2000)).toBe(0);
  },
);

test("of the variables for debugging, those that our entry files drop show a secret, and no others", async () => {
  const revealing: string[] = [];
  for (const [name, value] of Object.entries(debugVariables))
    if ((await printedBy({ [name]: value })).match(aToken)) revealing.push(name);
  expect(revealing).toEqual(revealingVariables);
}, 120_000);

/** What a program of somebody else prints that delivers a secret to Google with the SDK. */
async function printedBy(variables: Readonly<Record<string, string>>): Promise<string> {
  const { destination, environment } = await stores.google_secret_manager();
  const { text: secret, apiTokenId, fingerprint } = buildSecret();
  const file = fileURLToPath(new URL("writing-process.ts", import.meta.url));
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, ...environment, GRPC_VERBOSITY: "DEBUG", ...variables };
  const child = spawn(process.execPath, [file], { env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(JSON.stringify({ destination, secret, apiTokenId, fingerprint }));
  const [printed, told] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  expect(child.exitCode, told.slice(-2000)).toBe(0);
  return printed + told;
}
