import { expect, test } from "vitest";
import { checkDocuments } from "./documents.ts";
import { writeTree } from "./write-tree.ts";

const manifest = { "package.json": JSON.stringify({ scripts: { demo: "" } }) };

test("a broken link, heading, path and command are each found at their line", async () => {
  const root = await writeTree({
    ...manifest,
    "README.md": [
      "# Two commands, one tool",
      "[a](GONE.md) [b](#two-commands) [c](docs/A.md#b-2)",
      "`server/gone.ts` and `server/` and `npm run gone`",
    ].join("\n"),
    "docs/A.md": "## B\n",
    "server/main.ts": "",
  });
  expect(await checkDocuments(root)).toEqual([
    { place: "README.md:2", message: "links to GONE.md, which does not exist" },
    { place: "README.md:2", message: "links to #two-commands, which README.md does not have" },
    { place: "README.md:2", message: "links to #b-2, which docs/A.md does not have" },
    { place: "README.md:3", message: "server/gone.ts does not exist" },
    { place: "README.md:3", message: "package.json has no script gone" },
  ]);
});

test("what exists, what lies elsewhere and what is only a pattern pass", async () => {
  const root = await writeTree({
    ...manifest,
    "README.md":
      "# A `b` c\n[a](https://example.com/x) [b](#a-b-c) [c](docs/../README.md) `server/*.ts` `npm run demo`\n",
    "docs/A.md": '[up](../README.md#a-b-c) [down](#nested--x)\n<a id="nested--x"></a>\n',
  });
  expect(await checkDocuments(root)).toEqual([]);
});
