/** What the page shows when its server does not answer, in a real browser. */
import { expect, test } from "vitest";
import { describePage } from "../../support/page.ts";

const path = "/organization/api-tokens";
const expected = [/net::ERR_/, /status of 503/];

describePage("an outage", (bench) => {
  test("a refusal shows its title, its advice and its request id, and can be tried again", async () => {
    const tab = await bench.openSignedIn(path, { expected });
    const requestId = "5f0c8a2e-8b7e-4c57-9d0e-3f6a51d1c9b4";
    await tab.route("**/v2/users**", (route) =>
      route.fulfill({
        status: 503,
        contentType: "application/problem+json",
        body: JSON.stringify({
          type: "/problems/service_unavailable",
          title: "The service is unavailable",
          status: 503,
          detail: "Try again shortly.",
          code: "service_unavailable",
          requestId,
        }),
      }),
    );
    await tab.getByRole("link", { name: "Members" }).click();
    const alert = tab.getByRole("alert");
    await alert.getByText("The service is unavailable").waitFor();
    expect(await alert.innerText()).toContain(requestId);
    await tab.unroute("**/v2/users**");
    await alert.getByRole("button", { name: "Try again" }).click();
    await tab.getByRole("row").filter({ hasText: "(you)" }).waitFor();
  });

  test("a server that has stopped is told from a refusal, in lists and in dialogs, and what was typed stays", async () => {
    const tab = await bench.openSignedIn(path, { expected });
    await tab.getByRole("button", { name: "Generate API token" }).click();
    await tab.getByRole("textbox", { name: "Label" }).fill("Too late");
    await bench.server().close();
    await tab.getByRole("button", { name: "Generate token" }).click();
    const dialog = tab.getByRole("dialog");
    await dialog.getByRole("alert").getByText("The server does not answer").waitFor();
    expect(await dialog.getByRole("textbox", { name: "Label" }).inputValue()).toBe("Too late");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await tab.getByRole("link", { name: "Activity" }).click();
    await tab.getByText("The server does not answer").waitFor();
    await tab.getByRole("button", { name: "Try again" }).waitFor();
  });
});
