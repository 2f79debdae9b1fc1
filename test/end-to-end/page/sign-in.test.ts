/** Signing in and out in a real browser. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../../support/clock.ts";
import { adminEmail, describePage, readTraces, signInHere } from "../../support/page.ts";
import { startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const path = "/organization/api-tokens";

describePage("signing in", (bench) => {
  test("a link signs in when its button is pressed, and its secret is gone from the address and the history at once", async () => {
    const link = await bench.signInLink();
    const secret = link.split("#")[1] ?? "";
    const tab = await bench.open(link);
    await tab.getByRole("button", { name: "Sign in" }).waitFor();
    expect(tab.url()).toBe(`${bench.server().endpoint}/sign-in/link`);
    await signInHere(tab);
    await tab.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
    expect(tab.url()).toBe(bench.server().endpoint + path);
    const [cookie] = await tab.context().cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
    const traces = await readTraces(tab, tab.context());
    expect(traces).not.toContain(secret);
    expect(traces.replaceAll(cookie?.value ?? "none", "(cookie)").match(/\(cookie\)/g)).toHaveLength(1);
    expect(bench.server().log()).not.toContain(secret);
  });

  test("the link that a server prints while nobody has signed in signs its first admin in", async () => {
    const server = await startServer(await temporaryFolder());
    onTestFinished(() => server.close());
    const printed = await eventually(() => /http:\S+\/sign-in\/link#\S+/.exec(server.printed())?.[0], 10_000);
    const tab = await bench.open(printed);
    await signInHere(tab);
    await tab.getByText(adminEmail).first().waitFor();
    expect(new URL(tab.url()).origin).toBe(server.endpoint);
  });

  test("a link works once; the second time it says how to get another", async () => {
    const link = await bench.signInLink();
    await signInHere(await bench.open(link));
    const tab = await bench.open(link, { expected: [/status of 403 .*\/v2\/session$/] });
    await tab.getByRole("button", { name: "Sign in" }).click();
    await tab.getByRole("alert").waitFor();
    await tab.getByRole("link", { name: "Get a new link" }).waitFor();
  });

  test("a link without its secret says that it cannot be used", async () => {
    const tab = await bench.open("/sign-in/link");
    await tab.getByRole("heading", { name: "This link cannot be used" }).waitFor();
  });

  test("signed out, a page shows the way in and nothing else, and the mailed link leads back to it", async () => {
    const place = "/organization/activity?action=api_token.created";
    const tab = await bench.open(place);
    await tab.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await tab.getByRole("navigation").count()).toBe(0);
    await tab.getByRole("textbox", { name: "E-mail address" }).fill(adminEmail);
    await tab.getByRole("button", { name: "E-mail me a sign-in link" }).click();
    await tab.getByRole("heading", { name: "Check your mail" }).waitFor();
    const mailed = await eventually(() => findMailedLink(bench.folder()), 10_000);
    await tab.goto(mailed);
    await signInHere(tab);
    expect(tab.url()).toBe(bench.server().endpoint + place);
    await tab.getByText("generated First Admin token").waitFor();
  });

  test("why signing in elsewhere failed is told in the server's words, and never in the address's", async () => {
    const tab = await bench.open("/sign-in?problem=sign_in_link_invalid", { expected: [/status of 400 .*problems/] });
    const alert = tab.getByRole("alert");
    await alert.getByText("Try again, or another way.").waitFor();
    expect(await alert.innerText()).not.toContain("sign_in_link_invalid");
    await tab.goto("/sign-in?problem=%3Cb%3Ecall+0900%3C%2Fb%3E");
    await alert.getByText("You could not be signed in.").waitFor();
    expect(await alert.innerText()).not.toContain("0900");
  });

  test("who is signed in goes on from the sign-in page to the tokens", async () => {
    const tab = await bench.openSignedIn("/sign-in");
    await tab.getByRole("heading", { level: 1, name: "API tokens" }).waitFor();
    expect(tab.url()).toBe(bench.server().endpoint + path);
  });

  test("who asks for a link learns nothing about who is a member", async () => {
    const tab = await bench.open("/sign-in");
    await tab.getByRole("textbox", { name: "E-mail address" }).fill("nobody@test.example");
    await tab.getByRole("button", { name: "E-mail me a sign-in link" }).click();
    await tab.getByText("If nobody@test.example belongs to a member").waitFor();
  });

  test("signing out ends the session on the server and shows the way in", async () => {
    const tab = await bench.openSignedIn(path);
    const [cookie] = await tab.context().cookies();
    await tab.getByRole("button", { name: "Sign out" }).click();
    await tab.getByRole("heading", { name: "Sign in" }).waitFor();
    const { endpoint } = bench.server();
    const headers = { cookie: `${cookie?.name}=${cookie?.value}` };
    expect((await fetch(`${endpoint}/v2/session`, { headers })).status).toBe(401);
  });

  test("a session that ended elsewhere shows the way in, and says why", async () => {
    const tab = await bench.openSignedIn(path, { expected: [/status of 401/] });
    await tab.context().clearCookies();
    await tab.getByRole("link", { name: "Members" }).click();
    await tab.getByText("Your session has ended.").waitFor();
    expect(tab.url()).toContain("/organization/members");
  });

  test("a developer sees their own account, and that tokens are for admins", async () => {
    await bench.server().admin.inviteUser({ email: "dev@test.example", role: "developer" });
    const tab = await bench.openSignedIn(path, { email: "dev@test.example" });
    await tab.getByText("Only admins see this").waitFor();
    await tab.getByRole("link", { name: "Go to your account" }).click();
    await tab.getByRole("heading", { name: "Your sessions" }).waitFor();
    expect(await tab.getByRole("heading", { name: "Rules for tokens" }).count()).toBe(0);
  });
});

/** The newest sign-in link among the mails that the server wrote, as a reader would follow it. */
async function findMailedLink(folder: string): Promise<string | undefined> {
  const paths = await readdir(folder, { recursive: true });
  for (const path of paths.filter((name) => name.endsWith(".eml"))) {
    const encoded = await readFile(join(folder, path), "utf8");
    const text = encoded.replaceAll(/=\r?\n/g, "").replaceAll("=3D", "=");
    const link = /http:\/\/\S+\/sign-in\/link#[\w-]{43}/.exec(text)?.[0];
    if (link !== undefined) return link;
  }
  return undefined;
}
