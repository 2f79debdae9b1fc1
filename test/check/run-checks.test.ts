import { expect, test } from "vitest";
import type { Check, Finding } from "./check.ts";
import { runChecks } from "./run-checks.ts";

const holds: Check = { name: "holds", promise: "all is well", run: async () => [] };
const finds: Check = {
  name: "finds",
  promise: "nothing is wrong",
  run: async () => [{ place: "a.ts:1", message: "is wrong" }],
};
const throws: Check = {
  name: "throws",
  promise: "it works",
  run: () => Promise.reject<readonly Finding[]>(new Error("no luck")),
};

async function run(names: readonly string[]) {
  let text = "";
  const held = await runChecks([holds, finds, throws], { root: "/", names, write: (part) => (text += part) });
  return { held, text };
}

test("each check gets a line with a tick and a time, and its findings below", async () => {
  const { held, text } = await run([]);
  expect(held).toBe(false);
  expect(text.replace(/\d+\.\d/gu, "N")).toBe(
    [
      "✓ holds        all is well (N s)",
      "✗ finds        nothing is wrong: 1 finding (N s)",
      "    a.ts:1  is wrong",
      "✗ throws       it works: 1 finding (N s)",
      "    throws  could not be checked: no luck",
      "2 findings.\n",
    ].join("\n"),
  );
});

test("only the named checks run, and a name that does not exist fails", async () => {
  expect(await run(["holds"])).toEqual({ held: true, text: expect.stringMatching(/^✓ holds .*\n1 checks held\.\n$/u) });
  expect(await run(["holds", "gone"])).toEqual({
    held: false,
    text: "There is no check gone. There are: holds, finds, throws.\n",
  });
});
