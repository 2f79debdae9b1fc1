import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, type SuiteFactory } from "vitest";
import { openSqlite } from "../../server/database/sqlite.ts";
import { createSecretIssuer } from "../../server/domain/secret-text.ts";
import { linkLifetimeMs } from "../../server/domain/sign-in.ts";
import { findChromium, launchBrowser, launchProfile, openTab, type WatchedTab } from "./browser.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { makeFolder } from "./temporary-folder.ts";

/** The address of the first admin. */
export const adminEmail = "ada@test.example";

/** How a tab is opened. */
export type TabOptions = {
  readonly scheme?: "light" | "dark";
  /** In CSS pixels; 1440 by default. */
  readonly width?: number;
  /** What the browser will complain about, because the test provokes it. */
  readonly expected?: readonly RegExp[];
};

/** A browser, and a real server that serves it the page. */
export type PageBench = {
  server(): ServerProcess;
  browser(): Browser;
  /** A browser whose profile is kept in `folder`. The caller closes it. */
  openProfile(folder: string): Promise<BrowserContext>;
  /** Where the server keeps its database, and writes its mail. */
  folder(): string;
  /** A one-time link for somebody, as if it had been mailed. */
  signInLink(email?: string): Promise<string>;
  /** Opens a tab in a profile of its own. What the browser complains about in it fails the test. */
  open(path: string, options?: TabOptions): Promise<Page>;
  /** The same, signed in as the first admin unless `email` says otherwise. */
  openSignedIn(path: string, options?: TabOptions & { readonly email?: string }): Promise<Page>;
};

const chromium = await findChromium();
/** Signed out, the page asks who is signed in, and the browser reports every answer of 400 and more. */
const always = [/status of 401 .*\/v2\/session$/];

/** A suite over one server and one browser, skipped where no Chromium can be had. */
export function describePage(name: string, suite: (bench: PageBench) => ReturnType<SuiteFactory>): void {
  // A browser and two processes take their time on a machine that does much else.
  describe.skipIf(chromium === undefined)(name, { timeout: 60_000 }, () => {
    let folder: string;
    let server: ServerProcess;
    let browser: Browser;
    const opened: { readonly watched: WatchedTab; readonly expected: readonly RegExp[] }[] = [];
    beforeAll(async () => {
      folder = await makeFolder();
      [server, browser] = await Promise.all([startServer(folder), launchBrowser(chromium ?? "")]);
    }, 60_000);
    afterAll(async () => {
      await browser?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true });
    });
    afterEach(async () => {
      for (const { watched, expected } of opened.splice(0)) {
        await watched.context.close();
        const known = [...always, ...expected];
        expect(watched.complaints.filter((text) => !known.some((pattern) => pattern.test(text)))).toEqual([]);
      }
    });
    const open: PageBench["open"] = async (path, { scheme = "light", width = 1440, expected = [] } = {}) => {
      const watched = await openTab(browser, {
        baseURL: server.endpoint,
        colorScheme: scheme,
        reducedMotion: "reduce",
        viewport: { width, height: 900 },
      });
      opened.push({ watched, expected });
      await watched.tab.goto(path);
      return watched.tab;
    };
    const signInLink = (email = adminEmail) => issueSignInLink(join(folder, "orgtokens.sqlite"), email);
    suite({
      server: () => server,
      folder: () => folder,
      browser: () => browser,
      openProfile: (profile) => launchProfile(chromium ?? "", profile, server.endpoint),
      signInLink,
      open,
      async openSignedIn(path, { email, ...options } = {}) {
        const tab = await open(await signInLink(email), options);
        await signInHere(tab);
        if (path !== "/organization/api-tokens") await tab.goto(path);
        await tab.locator("main h1").waitFor();
        return tab;
      },
    });
  });
}

/** Presses the button of a sign-in link's page. */
export async function signInHere(tab: Page): Promise<void> {
  await tab.getByRole("button", { name: "Sign in" }).click();
  await tab.getByRole("navigation", { name: "Organization" }).waitFor();
}

/** Everything a page could have kept: what it shows, what it stores, and what of that its server gets to see. */
export async function readTraces(tab: Page, context: BrowserContext): Promise<string> {
  const inPage = await tab.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches = await globalThis.caches.keys();
    const inputs = [...document.querySelectorAll<HTMLInputElement>("input, textarea")].map(({ value }) => value);
    const stores = [{ ...localStorage }, { ...sessionStorage }, databases, caches, history.state, location.href];
    return JSON.stringify([document.documentElement.outerHTML, inputs, stores, document.cookie]);
  });
  return inPage + JSON.stringify(await context.cookies());
}

async function issueSignInLink(path: string, email: string): Promise<string> {
  const database = await openSqlite({ path, create: "never" });
  try {
    const secret = createSecretIssuer(randomBytes)();
    const createdAt = new Date();
    await database.transact(async (stores) => {
      const [user] = await stores.users.findUsersByEmail(email);
      if (user === undefined) throw new Error(`nobody has ${email}`);
      const expiresAt = new Date(createdAt.getTime() + linkLifetimeMs.sign_in);
      const link = { userId: user.id, organizationId: user.organizationId, createdAt, expiresAt, endedAt: null };
      await stores.signInLinks.insertSignInLink({ ...link, sha256: secret.sha256, purpose: "sign_in", returnTo: null });
    });
    return `/sign-in/link#${secret.text}`;
  } finally {
    await database.close();
  }
}
