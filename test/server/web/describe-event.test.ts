import type { AuditEvent } from "@orgtokens/sdk";
import { expect, test } from "vitest";
import { auditActions } from "../../../server/domain/audit-event.ts";
import { actionNames, describeAction } from "../../../server/web/activity/describe-event.ts";

test("everything that is recorded can be filtered for on the activity page, under a name of its own", () => {
  expect(actionNames.map(([action]) => action).toSorted()).toEqual(auditActions.toSorted());
  expect(new Set(actionNames.map(([, name]) => name)).size).toBe(auditActions.length);
});

test.each(auditActions)("the activity page has words of its own for %s", (action) => {
  expect(describeAction(buildEvent(action))).not.toBe(action.replaceAll(/[._]/g, " "));
});

test("an action that only a newer server records speaks for itself", () => {
  expect(describeAction(buildEvent("api_token.sung_about"))).toBe("api token sung about");
});

function buildEvent(action: string): AuditEvent {
  return {
    id: "0199f3a1b2c40d5e6f708192",
    sequence: 1,
    at: "2026-11-23T09:00:00.000Z",
    action,
    outcome: "done",
    actor: { type: "system", id: null, label: "orgtokens-server" },
    target: null,
    ip: null,
    userAgent: null,
    requestId: null,
    before: null,
    after: null,
    previousHash: "0".repeat(64),
    hash: "0".repeat(64),
  };
}
