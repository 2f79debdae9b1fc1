/** The tokens page in a real browser, against a real server: generate, rotate, revoke. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describePage, readTraces, signInHere } from "../../support/page.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const path = "/organization/api-tokens";

async function generate(tab: Page, label: string): Promise<string> {
  await tab.getByRole("button", { name: "Generate API token" }).click();
  await tab.getByRole("textbox", { name: "Label" }).fill(label);
  await tab.getByRole("button", { name: "Generate token" }).click();
  return tab.getByRole("textbox", { name: `Full token of ${label}` }).inputValue();
}

const row = (tab: Page, label: string) => tab.getByRole("row").filter({ hasText: label });

describePage("the tokens page", (bench) => {
  test("a generated token is shown once and works; when it is stored, nothing of it is left in the page", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.getByRole("button", { name: "Generate API token" }).click();
    expect(await tab.getByRole("radio", { name: "Developer" }).isChecked()).toBe(true);
    await tab.getByRole("textbox", { name: "Label" }).fill("Deploy");
    await tab.getByRole("textbox", { name: "Description" }).fill("Ships what was merged.");
    await tab.getByLabel("Expiry").selectOption("After 30 days");
    await tab.getByRole("button", { name: "Generate token" }).click();
    const secret = await tab.getByRole("textbox", { name: "Full token of Deploy" }).inputValue();
    expect(await bench.server().answer(secret)).toBe("accepted");

    await tab.keyboard.press("Escape");
    await tab.keyboard.press("Escape");
    await tab.getByRole("button", { name: "Done" }).click();
    await tab.getByText("Store the token first, then confirm it above.").waitFor();
    expect(await readTraces(tab, tab.context())).toContain(secret);

    await tab.getByRole("checkbox", { name: "I have stored it" }).check();
    await tab.getByRole("button", { name: "Done" }).click();
    await row(tab, "Deploy").waitFor();
    const traces = await readTraces(tab, tab.context());
    expect(traces).not.toContain(secret);
    expect(traces).toContain(secret.slice(0, 8));
    const [listed] = (await bench.server().admin.listApiTokens({ label: "Deploy" })).tokens;
    expect(listed).toMatchObject({
      role: "developer",
      createdBy: "ada@test.example",
      description: "Ships what was merged.",
    });
    expect(Date.parse(listed?.expiresAt ?? "") - Date.now()).toBeGreaterThan(29 * 86_400_000);
  });

  test("a secret that was stored is not in the script's memory any more", async () => {
    const tab = await bench.openSignedIn(path);
    const devtools = await tab.context().newCDPSession(tab);
    const heapHolds = async (text: string) => {
      await devtools.send("HeapProfiler.collectGarbage");
      let snapshot = "";
      const add = ({ chunk }: { readonly chunk: string }) => {
        snapshot += chunk;
      };
      devtools.on("HeapProfiler.addHeapSnapshotChunk", add);
      await devtools.send("HeapProfiler.takeHeapSnapshot", {});
      devtools.off("HeapProfiler.addHeapSnapshotChunk", add);
      return snapshot.includes(text);
    };
    const secret = await generate(tab, "In memory");
    expect(await heapHolds(secret)).toBe(true);
    await tab.getByRole("checkbox", { name: "I have stored it" }).check();
    await tab.getByRole("button", { name: "Done" }).click();
    await row(tab, "In memory").waitFor();
    expect(await heapHolds(secret)).toBe(false);
  });

  test("a secret that was shown is in no file of the browser's profile: not in its storage, not in its cache", async () => {
    const folder = await temporaryFolder();
    const profile = await bench.openProfile(folder);
    const tab = await profile.newPage();
    await tab.goto(await bench.signInLink());
    await signInHere(tab);
    const secret = await generate(tab, "On disk");
    await tab.getByRole("checkbox", { name: "I have stored it" }).check();
    await tab.getByRole("button", { name: "Done" }).click();
    await row(tab, "On disk").waitFor();
    await profile.close();
    const files = await readFiles(folder);
    // The cache is among them, and can be searched: it names what it keeps.
    expect(files.some((bytes) => bytes.includes(`${bench.server().endpoint}/assets/`))).toBe(true);
    expect(files.filter((bytes) => bytes.includes(secret))).toHaveLength(0);
  });

  test("copying puts the token on the clipboard", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const secret = await generate(tab, "Copied");
    await tab.getByRole("button", { name: "Copy" }).click();
    await tab.getByText("Copied to the clipboard").waitFor();
    expect(await tab.evaluate(() => navigator.clipboard.readText())).toBe(secret);
  });

  test("where a browser lets nobody copy, the token is selected and the reader told so", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
    const secret = await generate(tab, "Selected");
    await tab.getByRole("button", { name: "Copy" }).click();
    await tab.getByText("The token is selected").waitFor();
    expect(await tab.evaluate(() => String(getSelection()))).toBe(secret);
  });

  test("a label that a live token has is warned about, and can be used all the same", async () => {
    const tab = await bench.openSignedIn(path);
    await bench.server().admin.createApiToken({ label: "Twice", role: "developer" });
    await tab.getByRole("button", { name: "Generate API token" }).click();
    await tab.getByRole("textbox", { name: "Label" }).fill("Twice");
    await tab.getByText("A live token has this label already.").waitFor();
    await tab.getByRole("button", { name: "Generate token" }).click();
    await tab.getByText("I have stored it").waitFor();
    expect((await bench.server().admin.listApiTokens({ label: "Twice" })).total).toBe(2);
  });

  test("a token without a label is not asked for", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.getByRole("button", { name: "Generate API token" }).click();
    await tab.getByRole("button", { name: "Generate token" }).click();
    await tab.getByText("Say what the token is for.").waitFor();
    expect(await tab.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("label");
  });

  test("revoking wants the label: a wrong one sends nothing, the right one ends the token at once", async () => {
    const { admin, answer } = bench.server();
    const created = await admin.createApiToken({
      label: "Doomed",
      role: "developer",
      managedBy: "infra/prod",
      destination: "vault://kv/doomed#token",
    });
    expect(await answer(created.token)).toBe("accepted");
    const tab = await bench.openSignedIn(path);
    await tab.getByRole("button", { name: "Revoke Doomed" }).click();
    const dialog = tab.getByRole("dialog", { name: "Revoke API token" });
    for (const told of ["127.0.0.1", "kv/doomed#token", "Managed by infra/prod"]) {
      await dialog.getByText(told).waitFor();
    }
    await dialog.getByRole("textbox").fill("doomed");
    await dialog.getByRole("button", { name: "Revoke token" }).click();
    await dialog.getByText("This is not the label.").waitFor();
    expect(await answer(created.token)).toBe("accepted");

    await dialog.getByRole("textbox").fill("Doomed");
    await dialog.getByRole("button", { name: "Revoke token" }).click();
    await tab.getByText("Revoked Doomed.").waitFor();
    expect(await answer(created.token)).toBe("authentication_revoked");
    await row(tab, "Doomed").waitFor({ state: "detached" });
    expect(await tab.evaluate(() => document.activeElement?.tagName)).toBe("H1");
  });

  test("rotating shows a new secret once, and the old one works for the grace period", async () => {
    const { admin, answer } = bench.server();
    const created = await admin.createApiToken({ label: "Turned", role: "developer" });
    const tab = await bench.openSignedIn(path);
    await tab.getByRole("button", { name: "Rotate Turned" }).click();
    await tab.getByLabel("The old secret keeps working for").selectOption("1 hour");
    await tab.getByRole("button", { name: "Rotate token" }).click();
    const secret = await tab.getByRole("textbox", { name: "Full token of Turned" }).inputValue();
    await tab.getByRole("checkbox", { name: "I have stored it" }).check();
    await tab.getByRole("button", { name: "Done" }).click();
    await tab.getByText("Rotated Turned.").waitFor();
    expect(await readTraces(tab, tab.context())).not.toContain(secret);
    expect([await answer(secret), await answer(created.token)]).toEqual(["accepted", "accepted"]);
    expect((await admin.getApiToken(created.id)).rotatedAt).not.toBeNull();
  });

  test("a label is text, whatever it holds", async () => {
    const payloads = [
      "<img src=x onerror=alert(1)>",
      "\"><script>document.title='taken'</script>",
      "javascript:alert(1)",
      "{{constructor.constructor('alert(1)')()}}",
    ];
    for (const label of payloads) await bench.server().admin.createApiToken({ label, role: "developer" });
    const tab = await bench.openSignedIn(path);
    for (const label of payloads) {
      await tab.getByRole("link", { name: label, exact: true }).click();
      await tab.getByRole("heading", { level: 1, name: label, exact: true }).waitFor();
      await tab.getByRole("button", { name: "Revoke" }).click();
      await tab.getByRole("dialog").getByText(label).first().waitFor();
      await tab.keyboard.press("Escape");
      await tab.goBack();
    }
    expect(await tab.locator("main img, main script").count()).toBe(0);
    expect(await tab.title()).toBe("API tokens · orgtokens");
  });

  test("a script or a style that gets into the page all the same is stopped by the browser", async () => {
    const tab = await bench.openSignedIn(path, { expected: [/security policy|Content Security Policy/i] });
    const stopped = await tab.evaluate(async () => {
      const violation = () =>
        new Promise<string>((resolve) => {
          const note = ({ effectiveDirective }: SecurityPolicyViolationEvent) => resolve(effectiveDirective);
          document.addEventListener("securitypolicyviolation", note, { once: true });
        });
      const [script, style] = [document.createElement("script"), document.createElement("style")];
      script.textContent = "document.title = 'taken'";
      style.textContent = "main { display: none }";
      const byScript = violation();
      document.body.append(script);
      const directives = [await byScript];
      const byStyle = violation();
      document.body.append(style);
      return [...directives, await byStyle];
    });
    expect(stopped).toEqual(["script-src-elem", "style-src-elem"]);
    expect(await tab.title()).toBe("API tokens · orgtokens");
    await tab.getByRole("heading", { level: 1 }).waitFor();
  });

  test("a token's own page tells what is known of it and what happened to it", async () => {
    const { admin } = bench.server();
    const { id } = await admin.createApiToken({ label: "Watched", role: "admin", description: "For the tests." });
    await admin.updateApiToken(id, { label: "Watched closely" });
    const tab = await bench.openSignedIn(`${path}/${id}`);
    await tab.getByRole("heading", { level: 1, name: "Watched closely" }).waitFor();
    await tab.getByText("For the tests.").waitFor();
    const activity = tab.getByRole("region", { name: "Activity" });
    await activity.getByText("First Admin token changed this token").waitFor();
    await activity.getByText("First Admin token generated this token").waitFor();
    const mail = tab.getByRole("region", { name: "E-mail" });
    await mail.getByText("Token generated to ada@test.example").waitFor();

    await tab.getByRole("button", { name: "Edit" }).click();
    await tab.getByRole("textbox", { name: "Label" }).fill("Watched no more");
    await tab.getByRole("textbox", { name: "Allowed networks" }).fill("192.0.2.0/24\n2001:db8::/32");
    const expiry = tab.getByRole("combobox", { name: "Expiry" });
    expect(await expiry.inputValue()).toBe("keep");
    await expiry.selectOption({ label: "After 30 days" });
    await tab.getByRole("button", { name: "Save" }).click();
    await tab.getByRole("heading", { level: 1, name: "Watched no more" }).waitFor();
    await activity.getByText("ada@test.example changed this token").waitFor();
    const changed = await admin.getApiToken(id);
    expect(changed).toMatchObject({ label: "Watched no more", allowedNetworks: ["192.0.2.0/24", "2001:db8::/32"] });
    const days = (Date.parse(changed.expiresAt ?? "") - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });

  test("a token can be generated and revoked with the keyboard alone", async () => {
    const tab = await bench.openSignedIn(path);
    const { keyboard } = tab;
    const focused = () =>
      tab.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 60; presses += 1) {
        await keyboard.press("Tab");
        if ((await focused())?.trim() === name) return;
      }
      throw new Error(`the Tab key does not lead to ${name}`);
    };
    await tabTo("Generate API token");
    await keyboard.press("Enter");
    await tab.getByRole("dialog", { name: "Generate API token" }).waitFor();
    await keyboard.type("By keyboard");
    await keyboard.press("Enter");
    await tab.getByRole("dialog", { name: "Store your new token" }).waitFor();
    expect(await focused()).toBe("Full token of By keyboard");
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    await keyboard.press("Space");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await row(tab, "By keyboard").waitFor();
    expect((await focused())?.trim()).toBe("Generate API token");

    await tabTo("Revoke By keyboard");
    await keyboard.press("Enter");
    await tab.getByRole("dialog", { name: "Revoke API token" }).waitFor();
    await keyboard.press("Escape");
    await tab.getByRole("dialog").waitFor({ state: "detached" });
    expect(await focused()).toBe("Revoke By keyboard");
    await keyboard.press("Enter");
    await keyboard.type("By keyboard");
    await keyboard.press("Enter");
    await tab.getByText("Revoked By keyboard.").waitFor();
  });
});

async function readFiles(folder: string): Promise<readonly Buffer[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
}
