import { expect, test } from "vitest";
import { eventually } from "../support/clock.ts";
import { initialiseDatabase, runServerCommand, startServerProcess } from "../support/server-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const link =
  /Sign in as ada@test\.example, once, within an hour:\s+(http:\/\/127\.0\.0\.1:\d+)\/sign-in\/link#([\w-]{43})/;

test("start prints a fresh sign-in link until somebody has signed in", { timeout: 60_000 }, async () => {
  const folder = await temporaryFolder();
  const database = `${folder}/a.sqlite`;
  await initialiseDatabase(folder, database);
  const args = ["--database", database, "--port", "0"];
  const first = await startServerProcess(args);
  const second = await startServerProcess(args);
  const [, , unused] = await eventually(() => link.exec(first.output()) ?? undefined, 20_000);
  const [, endpoint, linkToken] = await eventually(() => link.exec(second.output()) ?? undefined, 20_000);
  expect(endpoint).toBe(second.endpoint);
  expect(linkToken).not.toBe(unused);
  const body = JSON.stringify({ linkToken });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${endpoint}/v2/session`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("set-cookie")).toMatch(/^orgtokens-session=/);
  const third = await startServerProcess([...args, "--metrics-port", "0"]);
  // Printed last: a link would have come before it.
  await eventually(() => (third.output().includes("metrics are at") ? true : undefined), 20_000);
  expect(third.output()).not.toContain("Nobody has signed in");
});

test("the client secret is no flag, and appears nowhere", async () => {
  const folder = await temporaryFolder();
  const { exitCode, output } = await runServerCommand(folder, [
    "start",
    "--database",
    "a",
    "--oidc-client-secret",
    "hush",
  ]);
  expect(exitCode).toBe(2);
  expect(output).toContain("oidc-client-secret");
  expect(output).not.toContain("hush");
});
