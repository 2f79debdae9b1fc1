/** `orgtokens_organization_member` as a practitioner meets it: real Terraform, a real server, an organization for each test. */
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { eventually } from "../../support/clock.ts";
import { createTestOrganization } from "../../support/organization.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";
import { makeFolder } from "../../support/temporary-folder.ts";
import { createBench, unwrap } from "./bench.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const address = "orgtokens_organization_member.it";
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

async function createMemberBench() {
  const organization = await createTestOrganization(server, serverFolder);
  const bench = await createBench(server, { ORGTOKENS_API_TOKEN: organization.adminToken });
  const email = `grace-${organization.id}@example.com`;
  return { ...organization, ...bench, email, members: async () => (await organization.admin.listUsers()).users };
}

function declare(email: string, role = "developer", name = "it"): string {
  return `resource "orgtokens_organization_member" "${name}" {\n  email = "${email}"\n  role  = "${role}"\n}\n`;
}

/** Signs somebody in by the link that the invitation holds, as a browser does. */
async function signIn(email: string): Promise<void> {
  const folder = join(serverFolder, "orgtokens.sqlite-mail");
  const linkToken = await eventually(async () => {
    for (const name of await readdir(folder).catch(() => [])) {
      const mail = (await readFile(join(folder, name), "utf8")).replaceAll(/=\r?\n/g, "").replaceAll("=3D", "=");
      if (mail.includes(email)) return /\/sign-in\S*#(?:\w+=)?([\w-]{20,})/.exec(mail)?.[1];
    }
    return undefined;
  }, 20_000);
  const response = await fetch(`${server.endpoint}/v2/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: server.endpoint },
    body: JSON.stringify({ linkToken }),
  });
  if (!response.ok) throw new Error(`the sign-in failed: ${await response.text()}`);
}

test("a person is invited, waits, signs in and changes role without being invited again, and is removed", async () => {
  const it = await createMemberBench();
  await it.workspace.write(declare(it.email.toUpperCase()));
  await it.workspace.apply();
  const invited = await it.workspace.attributes(address);
  expect(invited).toMatchObject({
    email: it.email.toUpperCase(),
    role: "developer",
    status: "invited",
    invited_by: it.adminEmail,
    last_signed_in_at: null,
  });
  expect(await it.workspace.isSettled()).toBe(true);

  await signIn(it.email);
  expect(await it.workspace.isSettled()).toBe(true);
  await it.workspace.write(declare(it.email, "admin"));
  const applied = await it.workspace.apply();
  expect(applied.output).toContain("0 added, 1 changed, 0 destroyed");
  expect(await it.workspace.attributes(address)).toMatchObject({
    id: invited?.["id"],
    role: "admin",
    status: "active",
  });
  expect(await it.workspace.isSettled()).toBe(true);

  await it.workspace.destroy();
  expect((await it.members()).map(({ email }) => email)).toEqual([it.adminEmail]);
});

test("another address is another person: the first is removed, the second invited", async () => {
  const it = await createMemberBench();
  await it.workspace.write(declare(it.email));
  await it.workspace.apply();
  await it.workspace.write(declare(`new-${it.email}`));
  const planned = await it.workspace.run("plan", "-input=false");
  expect(planned.output).toContain("forces replacement");
  await it.workspace.apply();
  expect((await it.members()).map(({ email }) => email)).toEqual([`new-${it.email}`, it.adminEmail]);
});

test("a person who was removed outside of Terraform is invited again, and destroying one who is gone succeeds", async () => {
  const it = await createMemberBench();
  await it.workspace.write(declare(it.email));
  await it.workspace.apply();
  await it.admin.removeUser(String((await it.workspace.attributes(address))?.["id"]));
  await it.workspace.apply();
  const id = String((await it.workspace.attributes(address))?.["id"]);
  expect((await it.members()).map((user) => user.id)).toContain(id);
  await it.admin.removeUser(id);
  await it.workspace.run("destroy", "-auto-approve", "-input=false", "-refresh=false");
  expect(await it.workspace.attributes(address)).toBeUndefined();
});

test("an invitation that was not recorded is taken up by the next run; one with another role names the import command", async () => {
  const it = await createMemberBench();
  const invited = await it.admin.inviteUser({ email: it.email, role: "developer" });
  await it.workspace.write(declare(it.email, "admin"));
  const refused = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toContain(`terraform import ADDRESS ${it.email}`);
  expect(unwrap(refused.output)).toMatch(/main\.tf line[\s\S]*email += /);
  await it.workspace.write(declare(it.email));
  await it.workspace.apply();
  expect(await it.workspace.attributes(address)).toMatchObject({ id: invited.id });
});

test.each([
  ["address", (user: { readonly id: string; readonly email: string }) => user.email.toUpperCase()],
  ["id", (user: { readonly id: string; readonly email: string }) => user.id],
])("a person is imported by the %s, and the plan afterwards is empty", async (_, given) => {
  const it = await createMemberBench();
  const user = await it.admin.inviteUser({ email: it.email, role: "admin" });
  await it.workspace.write(declare(it.email, "admin"));
  const imported = await it.workspace.run("import", "-input=false", address, given(user));
  expect(imported.output).toContain("Import successful");
  expect(await it.workspace.attributes(address)).toMatchObject({ id: user.id, email: it.email });
  expect(await it.workspace.isSettled()).toBe(true);
});

test("an import of nobody, and of what is neither id nor address, says what to give", async () => {
  const it = await createMemberBench();
  await it.workspace.write(declare(it.email));
  for (const [given, message] of [
    ["nobody@example.com", /none with the id/],
    ["0".repeat(24), /none with the id/],
    ["grace", /by the e-mail address/],
  ] as const) {
    const imported = await it.workspace.run("import", "-input=false", address, given);
    expect(imported.exitCode).toBe(1);
    expect(unwrap(imported.output)).toMatch(message);
  }
});

test("the last admin is neither made a developer nor removed, and the state keeps what is", async () => {
  const it = await createMemberBench();
  await it.workspace.write(declare(it.adminEmail, "admin"));
  await it.workspace.run("import", "-input=false", address, it.adminEmail);
  const destroyed = await it.workspace.run("destroy", "-auto-approve", "-input=false");
  expect(destroyed.exitCode).toBe(1);
  expect(unwrap(destroyed.output)).toMatch(/last admin must stay[\s\S]*terraform state rm/);
  await it.workspace.write(declare(it.adminEmail, "developer"));
  const demoted = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(demoted.exitCode).toBe(1);
  expect(unwrap(demoted.output)).toMatch(/last admin must stay[\s\S]*role += "developer"/);
  expect(await it.workspace.attributes(address)).toMatchObject({ role: "admin" });
});

test("where tokens may not generate tokens, nobody is made an admin, and the error says who can", async () => {
  const it = await createMemberBench();
  await it.admin.updateOrganizationPolicy({ tokensMayGenerate: false });
  await it.workspace.write(declare(it.email, "admin"));
  const refused = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(refused.exitCode).toBe(1);
  expect(unwrap(refused.output)).toMatch(/may make nobody an admin[\s\S]*role += "admin"[\s\S]*signed-in admins/);
  await it.workspace.write(declare(it.email));
  await it.workspace.apply();
});

test("one person declared twice is refused, and no address at all", async () => {
  const it = await createMemberBench();
  await it.workspace.write(declare(it.email) + declare(it.email.toUpperCase(), "developer", "again"));
  const twice = await it.workspace.run("apply", "-auto-approve", "-input=false");
  expect(twice.exitCode).toBe(1);
  expect(unwrap(twice.output)).toMatch(/same address[\s\S]*Declare each person once/);
  await it.workspace.write(declare("grace"));
  const wrong = await it.workspace.run("validate");
  expect(unwrap(wrong.output)).toMatch(/email[\s\S]*must be an e-mail address/);
});
