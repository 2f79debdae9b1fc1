/** Finding a token among many, in a real browser. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { describePage } from "../../support/page.ts";

const path = "/organization/api-tokens";
/** With the first Admin token there is one more. */
const count = 35;

describePage("finding tokens", (bench) => {
  beforeAll(async () => {
    const { admin } = bench.server();
    for (let number = 1; number <= count; number += 1) {
      const label = `${number % 5 === 0 ? "Nightly" : "Token"} ${String(number).padStart(2, "0")}`;
      await admin.createApiToken({ label, role: "developer" });
    }
    const [last] = (await admin.listApiTokens({ label: "Token 01" })).tokens;
    await admin.revokeApiToken(last?.id ?? "");
  });

  const labels = async (tab: Page) => tab.locator("tbody .row-title").allInnerTexts();

  test("pages hold every token once, newest first, and lead back", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.getByText("1–20 of 35 tokens").waitFor();
    const first = await labels(tab);
    expect(first[0]).toBe("Nightly 35");
    await tab.getByRole("button", { name: "Older" }).click();
    await tab.getByText("21–35 of 35 tokens").waitFor();
    const second = await labels(tab);
    expect(new Set([...first, ...second]).size).toBe(35);
    expect(second.at(-1)).toBe("First Admin token");
    // On the last page the button does nothing, and keeps the focus.
    expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe("Older");
    await tab.getByRole("button", { name: "Newer" }).click();
    await tab.getByText("1–20 of 35 tokens").waitFor();
    expect(await labels(tab)).toEqual(first);
  });

  test("a search finds parts of labels in either case, is kept in the address, and starts at its first page", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.getByRole("button", { name: "Older" }).click();
    await tab.getByText("21–35 of 35 tokens").waitFor();
    await tab.getByRole("searchbox", { name: "Search by label" }).fill("nightly");
    await tab.getByText("1–7 of 7 tokens").waitFor();
    expect(await labels(tab)).toEqual(
      [35, 30, 25, 20, 15, 10].map((number) => `Nightly ${number}`).concat("Nightly 05"),
    );
    expect(tab.url()).toContain("search=nightly");
    await tab.reload();
    await tab.getByText("1–7 of 7 tokens").waitFor();
    expect(await tab.getByRole("searchbox").inputValue()).toBe("nightly");
  });

  test("what finds nothing says so, and can be cleared", async () => {
    const tab = await bench.openSignedIn(`${path}?search=%25`);
    await tab.getByText("No token matches").waitFor();
    await tab.getByRole("button", { name: "Clear search and filter" }).click();
    await tab.getByText("1–20 of 35 tokens").waitFor();
    expect(await tab.getByRole("searchbox").inputValue()).toBe("");
  });

  test("the status filter shows revoked tokens, which cannot be revoked again", async () => {
    const tab = await bench.openSignedIn(path);
    await tab.getByLabel("Status").selectOption("Revoked");
    await tab.getByText("1 token", { exact: true }).waitFor();
    expect(await labels(tab)).toEqual(["Token 01"]);
    expect(await tab.getByRole("button", { name: /^Revoke/ }).count()).toBe(0);
  });

  test("a used token shows when as people say it, with the exact time beside it", async () => {
    const { admin, answer } = bench.server();
    const { token } = await admin.createApiToken({ label: "Used", role: "developer" });
    await answer(token);
    const tab = await bench.openSignedIn(`${path}?search=used`);
    const time = tab.getByRole("row").filter({ hasText: "Used" }).locator("time");
    expect(await time.innerText()).toBe("just now");
    expect(await time.getAttribute("title")).toMatch(/\d{4}, \d+:\d\d:\d\d/);
    expect(Date.parse((await time.getAttribute("datetime")) ?? "")).toBeGreaterThan(Date.now() - 60_000);
  });
});
