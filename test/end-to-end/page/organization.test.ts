/** Members, activity and settings in a real browser. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { adminEmail, describePage } from "../../support/page.ts";

describePage("the organization's other pages", (bench) => {
  test("a member is invited, made an admin and removed", async () => {
    const email = "grace@test.example";
    const tab = await bench.openSignedIn("/organization/members");
    await tab.getByRole("button", { name: "Invite member" }).click();
    await tab.getByRole("textbox", { name: "E-mail address" }).fill(email);
    await tab.getByRole("button", { name: "Send invitation" }).click();
    const row = tab.getByRole("row").filter({ hasText: email });
    await row.getByText("Invited", { exact: true }).waitFor();
    await row.getByText(adminEmail).waitFor();

    await tab.getByRole("button", { name: `Change the role of ${email}` }).click();
    await tab.getByRole("radio", { name: "Admin" }).check();
    await tab.getByRole("button", { name: "Change role", exact: true }).click();
    await tab.getByText(`${email} is now an Admin.`).waitFor();
    await row.getByText("Admin", { exact: true }).waitFor();

    await tab.getByRole("button", { name: `Remove ${email}` }).click();
    await tab.getByText("they keep working").waitFor();
    await tab.getByRole("button", { name: "Remove member" }).click();
    await tab.getByText(`Removed ${email}.`).waitFor();
    await row.waitFor({ state: "detached" });
    expect((await bench.server().admin.listUsers()).users.map((user) => user.email)).not.toContain(email);
  });

  test("the last admin stays, and the page explains why", async () => {
    const tab = await bench.openSignedIn("/organization/members", { expected: [/status of 409/] });
    await tab.getByRole("button", { name: `Remove ${adminEmail}` }).click();
    await tab.getByText("This is you.").waitFor();
    await tab.getByRole("button", { name: "Remove member" }).click();
    await tab.getByText(`${adminEmail} is the last admin.`).waitFor();
    await tab.getByRole("button", { name: "Cancel" }).click();
    await tab.getByRole("button", { name: `Change the role of ${adminEmail}` }).click();
    await tab.getByRole("radio", { name: "Developer" }).check();
    await tab.getByRole("button", { name: "Change role", exact: true }).click();
    await tab.getByText(`${adminEmail} is the last admin.`).waitFor();
  });

  test("an address that is none is refused beside its field", async () => {
    const tab = await bench.openSignedIn("/organization/members", { expected: [/status of 400/] });
    await tab.getByRole("button", { name: "Invite member" }).click();
    await tab.getByRole("textbox", { name: "E-mail address" }).fill("nobody");
    await tab.getByRole("button", { name: "Send invitation" }).click();
    const field = tab.getByRole("textbox", { name: "E-mail address" });
    await tab.getByText("This must be an e-mail address").waitFor();
    expect(await field.getAttribute("aria-invalid")).toBe("true");
  });

  test("activity shows who did what, filters, and exports what it shows as JSON Lines", async () => {
    const { admin, endpoint } = bench.server();
    const { id } = await admin.createApiToken({ label: "Traced", role: "developer" });
    await admin.revokeApiToken(id);
    const { token } = await admin.createApiToken({ label: "Old script", role: "developer" });
    const refused = await fetch(`${endpoint}/v2/api-tokens`, { headers: { "X-API-KEY": token } });
    expect(refused.status).toBe(403);
    const tab = await bench.openSignedIn("/organization/activity");
    await tab.getByText("First Admin token revoked Traced").waitFor();
    await tab.getByLabel("Action").selectOption("Token revoked");
    await tab.getByText("First Admin token generated Traced").waitFor({ state: "detached" });
    const downloading = tab.waitForEvent("download");
    await tab.getByRole("link", { name: "Export" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^activity-\d{4}-\d\d-\d\d\.jsonl$/);
    const lines = (await readFile(await download.path(), "utf8")).trimEnd().split("\n");
    const events = lines.map((line) => JSON.parse(line));
    expect(events).toContainEqual(expect.objectContaining({ action: "api_token.revoked", outcome: "done" }));
    expect(new Set(events.map(({ action }) => action))).toEqual(new Set(["api_token.revoked"]));

    await tab.getByLabel("Action").selectOption("");
    await tab.getByText(`${adminEmail} signed in`).first().waitFor();
    await tab.getByText("Old script tried to list API tokens").waitFor();
    await tab.getByText("Code: role_insufficient").waitFor();

    await tab.getByLabel("To", { exact: true }).fill("2020-01-01");
    await tab.getByText("Nothing matches").waitFor();
  });

  test("rules for tokens are kept, and the dialog that generates one obeys them", async () => {
    const { admin } = bench.server();
    const tab = await bench.openSignedIn("/organization/settings");
    await tab.getByLabel("Longest lifetime").selectOption("90 days");
    await tab.getByRole("checkbox", { name: "Admin tokens" }).uncheck();
    await tab.getByRole("button", { name: "Save rules" }).click();
    await tab.getByText("The rules are saved.").waitFor();
    expect(await admin.getOrganizationPolicy()).toMatchObject({
      maximumLifetimeSeconds: 7_776_000,
      tokenRoles: ["developer"],
    });
    await tab.getByRole("link", { name: "API tokens" }).click();
    await tab.getByRole("button", { name: "Generate API token" }).click();
    await tab.getByText("Your organization's policy does not allow it.").waitFor();
    expect(await tab.getByRole("radio", { name: "Admin" }).isDisabled()).toBe(true);
    expect(await tab.getByLabel("Expiry").innerText()).not.toMatch(/does not expire|1 year/i);
    await admin.updateOrganizationPolicy({ maximumLifetimeSeconds: null, tokenRoles: ["developer", "admin"] });
  });

  test("the reader's other sessions can be ended", async () => {
    const other = await bench.openSignedIn("/organization/settings", { expected: [/status of 401/] });
    const tab = await bench.openSignedIn("/organization/settings");
    const sessions = tab.getByRole("region", { name: "Your sessions" });
    await sessions.getByText("This one").waitFor();
    const buttons = sessions.getByRole("button", { name: /^End the session/ });
    await buttons.first().waitFor();
    const before = await buttons.count();
    await buttons.first().click();
    await tab.getByText("has ended.").waitFor();
    await expect.poll(() => buttons.count()).toBe(before - 1);
    await other.reload();
    await other.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});
