import { expect, test } from "vitest";
import { start } from "./acme-plugin.ts";

test("a deprecated resource and a deprecated attribute say at the wire what to use instead", async () => {
  await using plugin = await start();
  const { resource_schemas } = await plugin.call("GetProviderSchema");
  const old = resource_schemas.get("acme_old")?.block;
  expect(old).toMatchObject({ deprecated: true, deprecation_message: "Use acme_item." });
  const comment = old?.attributes.find(({ name }) => name === "comment");
  expect(comment).toMatchObject({ deprecated: true, deprecation_message: "Nobody reads it." });
  const title = old?.attributes.find(({ name }) => name === "title");
  expect(title).toMatchObject({ deprecated: false, deprecation_message: "" });
});
