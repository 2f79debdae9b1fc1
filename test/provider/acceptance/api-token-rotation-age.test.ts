/** `rotate_after`: a secret that is old enough is rotated in place, by a plan that says so, and not before. */
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { between } from "../../support/between.ts";
import { eventually } from "../../support/clock.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { address, type Bench, createBench, declare, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

let server: ServerProcess;
let serverFolder: string;

beforeAll(async () => {
  serverFolder = await makeFolder();
  server = await startServer(serverFolder);
});

afterAll(async () => {
  await server.close();
  await rm(serverFolder, { recursive: true, force: true });
});

/** Waits until the secret is as old as its `rotate_after` allows. */
async function becomeDue(it: Bench): Promise<void> {
  const dueAt = Date.parse(String((await it.workspace.attributes(address))?.["rotation_due_at"]));
  await eventually(() => (Date.now() > dueAt ? true : undefined), 30_000);
}

test("a secret that is old enough is rotated in place, and the plan says why and since when", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'rotate_after = "1s"'));
  await it.workspace.apply();
  const before = await it.workspace.attributes(address);
  const old = await it.secret();
  expect(Date.parse(String(before?.["rotation_due_at"])) - Date.parse(String(before?.["created_at"]))).toBe(1000);
  await becomeDue(it);
  const applied = await it.workspace.apply();
  expect(unwrap(applied.output)).toContain("The secret is due for rotation");
  expect(unwrap(applied.output)).toContain(`is from ${before?.["created_at"]}`);
  expect(unwrap(applied.output)).toContain(`over since ${before?.["rotation_due_at"]}`);
  expect(applied.output).toContain("0 added, 1 changed, 0 destroyed");
  const after = await it.workspace.attributes(address);
  expect(after).toMatchObject({ id: before?.["id"] });
  expect(Date.parse(String(after?.["rotation_due_at"])) - Date.parse(String(after?.["rotated_at"]))).toBe(1000);
  expect(await it.secret()).not.toBe(old);
  expect(await server.answer(await it.secret())).toBe("accepted");
  expect(await server.answer(old)).toBe("accepted");
});

/** An environment in which the server's clock is ahead. The provider follows it up to 15 minutes. */
async function ahead(minutes: number): Promise<{ readonly environment: NodeJS.ProcessEnv }> {
  const endpoint = await between(server.endpoint, (_, outgoing) => {
    outgoing.setHeader("date", new Date(Date.now() + minutes * 60_000).toUTCString());
    return false;
  });
  return { environment: { ORGTOKENS_ENDPOINT: endpoint } };
}

test("the age is judged by the server's time, whatever the clock here says", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'rotate_after = "12m"'));
  await it.workspace.apply();
  const secret = await it.secret();
  const early = await it.workspace.runWith(await ahead(4), "plan", "-input=false");
  expect(early.output).toContain("No changes.");
  const late = await it.workspace.runWith(await ahead(13), "plan", "-input=false");
  expect(late.output).toContain("0 to add, 1 to change, 0 to destroy");
  expect(unwrap(late.output)).toContain("The secret is due for rotation");
  expect(await it.secret()).toBe(secret);
});

test("a secret that is not due leaves the plan empty, and the state says when it will be", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'rotate_after = "60d"'));
  await it.workspace.apply();
  const secret = await it.secret();
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.apply();
  expect(await it.secret()).toBe(secret);
  const { rotation_due_at: dueAt, created_at: createdAt } = (await it.workspace.attributes(address)) ?? {};
  expect(Date.parse(String(dueAt)) - Date.parse(String(createdAt))).toBe(60 * 86_400_000);
});

test("an age that is declared later counts from the secret's beginning, and rotates in the plan that declares it", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it));
  await it.workspace.apply();
  const secret = await it.secret();
  await it.workspace.write(declare(it, 'rotate_after = "60d"'));
  await it.workspace.apply();
  expect(await it.secret()).toBe(secret);
  const createdAt = Date.parse(String((await it.workspace.attributes(address))?.["created_at"]));
  await eventually(() => (Date.now() > createdAt + 1000 ? true : undefined), 30_000);
  await it.workspace.write(declare(it, 'rotate_after = "1s"'));
  const applied = await it.workspace.apply();
  expect(unwrap(applied.output)).toContain("The secret is due for rotation");
  expect(await it.secret()).not.toBe(secret);
});

test("a change that was planned before the secret became due is applied as planned, and the next plan rotates", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'rotate_after = "12m"'));
  await it.workspace.apply();
  const secret = await it.secret();
  await it.workspace.write(declare(it, 'rotate_after = "12m"\n description = "Later."'));
  const planned = await it.workspace.run("plan", "-input=false", "-out=early.tfplan");
  expect(planned.output).not.toContain("due for rotation");
  const later = await ahead(13);
  const applied = await it.workspace.runWith(later, "apply", "-input=false", "early.tfplan");
  expect(applied.exitCode, applied.output).toBe(0);
  expect(await it.secret()).toBe(secret);
  expect(await it.workspace.attributes(address)).toMatchObject({ description: "Later." });
  const next = await it.workspace.runWith(later, "apply", "-auto-approve", "-input=false");
  expect(unwrap(next.output)).toContain("The secret is due for rotation");
  expect(await it.secret()).not.toBe(secret);
});

test("an age that comes after the expiry is refused: nothing would work in between", async () => {
  const it = await createBench(server);
  await it.workspace.write(declare(it, 'rotate_after = "60d"\n expires_in = "60d"'));
  const result = await it.workspace.run("validate");
  expect(result.exitCode).toBe(1);
  expect(unwrap(result.output)).toMatch(/would expire before it is rotated[\s\S]*Make rotate_after shorter/);
});
