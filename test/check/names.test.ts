import { expect, test } from "vitest";
import { checkNames, findBadNames } from "./names.ts";
import { writeTree } from "./write-tree.ts";

test.each(["server/utils/a.ts", "sdk/src/helpers.ts", "provider/core/a.proto", "test/common.test.ts"])(
  "%s does not say what it holds",
  (path) => {
    expect(findBadNames(path)).toEqual([
      { place: path, message: expect.stringContaining("does not say what it holds") },
    ]);
  },
);

test.each(["server/apiToken.ts", "server/ApiToken.ts", "server/api_token.test.ts"])(
  "%s is not in kebab-case",
  (path) => {
    expect(findBadNames(path)).toEqual([{ place: path, message: "is not in kebab-case" }]);
  },
);

test("names that say what they hold pass", () => {
  const good = [
    "server/http/problem.ts",
    "server/database/migrations/0001-api-tokens.ts",
    "sdk/src/openapi.d.ts",
    "examples/demo/main.tf",
  ];
  expect(good.flatMap(findBadNames)).toEqual([]);
});

test("a tree is read", async () => {
  expect(await checkNames(await writeTree({ "server/lib/a.ts": "", "node_modules/lib/a.ts": "" }))).toHaveLength(1);
});
