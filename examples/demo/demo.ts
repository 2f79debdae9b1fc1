import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiError, type ApiToken, createClient } from "@orgtokens/sdk";
import type { Report } from "./report.ts";
import { type RunningServer, readDeclaration, type Workbench } from "./workbench.ts";

/**
 * Runs the demo's steps. Every sentence with a tick was checked, against the server, the secret store or the files
 * Terraform wrote.
 *
 * @throws ClaimError for the first one that does not hold.
 */
export async function runDemo(workbench: Workbench, report: Report): Promise<void> {
  const server = await report.step("Start a server on SQLite", async () => {
    const started = await workbench.startServer();
    report.claim(`it answers at ${started.endpoint}`, (await fetch(`${started.endpoint}/health/ready`)).ok);
    return started;
  });
  const admin = createClient({ endpoint: server.endpoint, apiToken: server.adminToken });
  const listed = async (status: "live" | "revoked") => {
    const { tokens } = await admin.listApiTokens({ status, managedBy: "demo" });
    return tokens;
  };
  const secretAt = (name: string) => readFile(join(workbench.secrets, name), "utf8");
  const state = () => readFile(join(workbench.folder, "workspace", "terraform.tfstate"), "utf8");

  await declareAndPlan(workbench, report);
  await report.step("Apply", async () => {
    await succeed(workbench, "apply", "-auto-approve", "plan.tfplan");
    const tokens = await listed("live");
    report.claim("two tokens are live", tokens.length === 2);
    report.show(table(tokens));
    report.claim(
      "the list shows them masked",
      tokens.every((token) => token.obfuscatedToken.endsWith("****")),
    );
    report.claim(
      "each secret lies where it was declared",
      ["ci-build", "deployment"].every((name) => existsSync(join(workbench.secrets, name))),
    );
  });
  const ciSecret = await secretAt("ci-build");
  const deploymentSecret = await secretAt("deployment");

  await useSecret(report, server, ciSecret);
  await report.step("Look for the secrets where they must not be", async () => {
    const places = await filesUnder(join(workbench.folder, "workspace"));
    for (const secret of [ciSecret, deploymentSecret]) {
      const found = places.filter(({ content }) => holds(content, secret));
      report.claim(
        `${secret.slice(0, 8)}**** is in none of ${places.length} files of the workspace`,
        found.length === 0,
        () => found.map(({ path }) => path).join("\n"),
      );
    }
    const shown = await succeed(workbench, "show", "-json", "plan.tfplan");
    report.claim("nor in the plan as JSON", !holds(Buffer.from(shown), ciSecret));
    report.claim("the state holds fingerprints instead", /"fingerprint": "[0-9a-f]{16}"/.test(await state()));
    const again = await workbench.terraform("plan", "-detailed-exitcode");
    report.claim("a second plan is empty", again.exitCode === 0, () => again.output);
  });
  await rotate(workbench, report, server, ciSecret, secretAt);
  await report.step("Remove the deployment token from the declaration", async () => {
    report.claim("its secret works until now", (await answer(server, deploymentSecret)) === "accepted");
    await succeed(workbench, "apply", "-auto-approve", "-var=quarter=2027-Q1", "-var=with_deploy=false");
    const after = await answer(server, deploymentSecret);
    report.claim("it is dead at once", after === "authentication_revoked", () => after);
    report.claim("its entry is gone from the secret store", !existsSync(join(workbench.secrets, "deployment")));
  });
  await report.step("Destroy", async () => {
    const rotatedSecret = await secretAt("ci-build");
    await succeed(workbench, "destroy", "-auto-approve");
    for (const secret of [ciSecret, rotatedSecret]) {
      const after = await answer(server, secret);
      report.claim(`${secret.slice(0, 8)}**** is dead`, after === "authentication_revoked", () => after);
    }
    report.claim("nothing is left alive", (await listed("live")).length === 0);
    report.claim("the list of revoked tokens still tells what was", (await listed("revoked")).length === 2);
    const left = await readdir(workbench.secrets);
    report.claim("no secret is left in the store", left.length === 0, () => left.join("\n"));
  });
}

async function declareAndPlan(workbench: Workbench, report: Report): Promise<void> {
  await report.step(`Declare two tokens, and plan with ${workbench.terraformCommand}`, async () => {
    const declaration = await readDeclaration();
    report.show(declaration.slice(declaration.indexOf('resource "orgtokens_api_token" "ci"')).trimEnd().split("\n"));
    const planned = await workbench.terraform("plan", "-detailed-exitcode", "-out=plan.tfplan");
    report.claim(
      "the plan adds two",
      planned.output.includes("2 to add, 0 to change, 0 to destroy"),
      () => planned.output,
    );
  });
}

async function useSecret(report: Report, server: RunningServer, secret: string): Promise<void> {
  await report.step("Call the API with a delivered secret", async () => {
    const ci = createClient({ endpoint: server.endpoint, apiToken: secret });
    const me = await ci.getMe();
    const apiToken = me.type === "api_token" ? me.apiToken : undefined;
    report.claim(`it is "${apiToken?.label}", a ${apiToken?.role} token`, apiToken?.label === "CI build");
    const refusal = await ci.listApiTokens({}).then(
      () => "accepted",
      (error: unknown) => (error instanceof ApiError ? error.code : String(error)),
    );
    report.claim("it may not list the organization's tokens", refusal === "role_insufficient", () => refusal);
  });
}

async function rotate(
  workbench: Workbench,
  report: Report,
  server: RunningServer,
  oldSecret: string,
  secretAt: (name: string) => Promise<string>,
): Promise<void> {
  await report.step("Rotate the CI token, with overlap", async () => {
    const applied = await succeed(workbench, "apply", "-auto-approve", "-var=quarter=2027-Q1");
    report.claim("it is changed in place", applied.includes("0 added, 1 changed, 0 destroyed"), () => applied);
    const newSecret = await secretAt("ci-build");
    report.claim("the store holds a new secret", newSecret !== oldSecret);
    report.claim(`the new one works (${newSecret.slice(0, 8)}****)`, (await answer(server, newSecret)) === "accepted");
    report.claim(`the old one still works, for an hour`, (await answer(server, oldSecret)) === "accepted");
  });
}

/** Calls `GET /v2/me` as any HTTP client would: "accepted", or the problem code of the refusal. */
async function answer(server: RunningServer, secret: string): Promise<string> {
  const response = await fetch(`${server.endpoint}/v2/me`, { headers: { "X-API-KEY": secret } });
  if (response.ok) return "accepted";
  const problem: unknown = await response.json();
  return typeof problem === "object" && problem !== null && "code" in problem
    ? String(problem.code)
    : "no problem code";
}

async function succeed(workbench: Workbench, command: string, ...args: readonly string[]): Promise<string> {
  const result = await workbench.terraform(command, ...args);
  if (result.exitCode !== 0) throw new Error(`terraform ${command} failed:\n${result.output}`);
  return result.output;
}

async function filesUnder(folder: string): Promise<readonly { path: string; content: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path, content: await readFile(path) };
      }),
  );
}

function holds(content: Buffer, secret: string): boolean {
  return content.includes(secret) || content.includes(Buffer.from(secret).toString("base64").replace(/=+$/, ""));
}

function table(tokens: readonly ApiToken[]): string[] {
  const rows = tokens.map((token) => [
    token.label,
    token.obfuscatedToken,
    token.role,
    token.createdBy,
    token.destination ?? "",
  ]);
  const header = ["label", "token", "role", "created by", "kept at"];
  const widths = header.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [header, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
