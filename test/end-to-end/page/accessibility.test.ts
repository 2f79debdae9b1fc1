/** Every page and every dialog, judged by axe in both colour schemes, and held against a narrow and a wide screen. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { findBarriers } from "../../support/browser.ts";
import { adminEmail, describePage } from "../../support/page.ts";

const tokens = "/organization/api-tokens";
const press = (name: string) => (tab: Page) => tab.getByRole("button", { name, exact: true }).click();

/** Where each state is, how it is reached, and what shows that it is there. */
const states: Readonly<
  Record<string, { readonly path: string; readonly reach?: (tab: Page) => Promise<unknown>; readonly shows: string }>
> = {
  tokens: { path: tokens, shows: "Kept in a store" },
  "no match": { path: `${tokens}?search=nothing-like-it`, shows: "No token matches" },
  generate: { path: tokens, reach: press("Generate API token"), shows: "Give a token no more" },
  "generate, refused": {
    path: tokens,
    async reach(tab) {
      await press("Generate API token")(tab);
      await press("Generate token")(tab);
    },
    shows: "Say what the token is for.",
  },
  "show once": {
    path: tokens,
    async reach(tab) {
      await press("Generate API token")(tab);
      await tab.getByRole("textbox", { name: "Label" }).fill("Shown");
      await press("Generate token")(tab);
    },
    shows: "I have stored it",
  },
  rotate: { path: tokens, reach: press("Rotate Kept in a store"), shows: "The old secret keeps working" },
  revoke: {
    path: tokens,
    async reach(tab) {
      await press("Revoke Kept in a store")(tab);
      await press("Revoke token")(tab);
    },
    shows: "This is not the label.",
  },
  "a token": {
    path: tokens,
    reach: (tab) => tab.getByRole("link", { name: "Kept in a store" }).click(),
    shows: "generated this token",
  },
  edit: {
    path: tokens,
    async reach(tab) {
      await tab.getByRole("link", { name: "Kept in a store" }).click();
      await press("Edit")(tab);
    },
    shows: "Edit API token",
  },
  members: { path: "/organization/members", shows: "(you)" },
  invite: { path: "/organization/members", reach: press("Invite member"), shows: "An invitation is mailed" },
  "change role": {
    path: "/organization/members",
    reach: press(`Change the role of ${adminEmail}`),
    shows: "from the next request on",
  },
  "remove a member": { path: "/organization/members", reach: press(`Remove ${adminEmail}`), shows: "This is you." },
  activity: { path: "/organization/activity", shows: "generated" },
  "no activity": { path: "/organization/activity?to=2020-01-01", shows: "Nothing matches" },
  settings: { path: "/organization/settings", shows: "This one" },
  "not found": { path: "/organization/nothing", shows: "There is nothing here" },
};

describePage("accessibility", (bench) => {
  beforeAll(async () => {
    const destination = "aws-secrets-manager://eu-central-1/team/a-place-with-a-long-name/orgtokens";
    const { admin } = bench.server();
    await admin.createApiToken({ label: "Kept in a store", role: "developer", destination, managedBy: "infra/prod" });
    await admin.createApiToken({ label: "W".repeat(100), role: "admin", activation: "deferred" });
  });

  test("axe finds nothing on any page and in any dialog, light and wide, dark and narrow; nothing sticks out", {
    timeout: 120_000,
  }, async () => {
    const tab = await bench.openSignedIn(tokens);
    for (const [name, { path, reach, shows }] of Object.entries(states)) {
      await look(tab, "light", 1440);
      await tab.goto(path);
      await reach?.(tab);
      await tab.getByText(shows).and(tab.locator(":visible")).first().waitFor();
      expect(await findBarriers(tab), name).toEqual([]);
      for (const width of [1280, 1100, 800, 360]) {
        await look(tab, "dark", width);
        expect(await measureExcess(tab), `${name} at ${width} px`).toEqual([0, 0]);
      }
      expect(await findBarriers(tab), `${name}, dark`).toEqual([]);
      // The browser would ask before it leaves a secret that is not stored.
      const stored = tab.getByRole("checkbox", { name: "I have stored it" });
      if ((await stored.count()) === 0) continue;
      await stored.check();
      await press("Done")(tab);
    }
  });

  test("axe finds nothing while tokens are asked for, and where there is none yet", async () => {
    const tab = await bench.openSignedIn("/organization/settings");
    const held = Promise.withResolvers<void>();
    await tab.route(
      ({ pathname }) => pathname === "/v2/api-tokens",
      async (route) => {
        await held.promise;
        await route.fulfill({ json: { tokens: [], total: 0, nextPage: null, nextCursor: null } });
      },
    );
    await tab.getByRole("link", { name: "API tokens" }).click();
    await tab.locator("table[aria-busy=true] .skeleton").first().waitFor();
    for (const scheme of ["light", "dark"] as const) {
      await look(tab, scheme, 360);
      expect(await findBarriers(tab), `loading in ${scheme}`).toEqual([]);
    }
    held.resolve();
    await tab.getByText("No API tokens yet").waitFor();
    for (const scheme of ["light", "dark"] as const) {
      await look(tab, scheme, 360);
      expect(await findBarriers(tab), `empty in ${scheme}`).toEqual([]);
    }
  });

  test("axe finds nothing on the pages for who is signed out, in light and in dark", async () => {
    const tab = await bench.open("/sign-in");
    for (const path of ["/sign-in", "/sign-in/link", await bench.signInLink()]) {
      await tab.goto("about:blank");
      await tab.goto(path);
      await tab.getByRole("heading", { level: 1 }).waitFor();
      await tab.locator(".skeleton").waitFor({ state: "detached" });
      for (const scheme of ["light", "dark"] as const) {
        await look(tab, scheme, 360);
        expect(await findBarriers(tab), `${path} in ${scheme}`).toEqual([]);
      }
    }
  });
});

async function look(tab: Page, colorScheme: "light" | "dark", width: number): Promise<void> {
  await tab.emulateMedia({ colorScheme });
  await tab.setViewportSize({ width, height: width < 500 ? 740 : 900 });
}

/** By how many pixels the page is wider than the screen, and the dialog taller. */
function measureExcess(tab: Page): Promise<readonly number[]> {
  return tab.evaluate(() => {
    const dialog = document.querySelector("dialog")?.getBoundingClientRect();
    const tooTall = dialog === undefined ? 0 : Math.max(0, dialog.bottom - innerHeight, -dialog.top);
    return [document.documentElement.scrollWidth - innerWidth, tooTall];
  });
}
