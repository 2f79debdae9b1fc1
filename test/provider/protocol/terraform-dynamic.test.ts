/** Values of a dynamic type as real engines send, plan, store and import them. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type AcmeWorkspace, createAcmeWorkspace } from "./acme-workspace.ts";

const limitMs = 180_000;
const canary = "canary-55d0c1aa";

const setting = (name: string, ...attributes: string[]) =>
  `resource "acme_setting" "${name}" {\n  name = "${name}"\n  ${attributes.join("\n  ")}\n}\n`;
const settingOf = (workspace: AcmeWorkspace) => workspace.state("acme_setting.one");

describe("a dynamic attribute", () => {
  test("takes a string, a number, an object, a list and a null of any type, and each plan is empty afterwards", {
    timeout: limitMs,
  }, async () => {
    const workspace = await createAcmeWorkspace();
    const variable = 'variable "none" {\n  type    = string\n  default = null\n}\n';
    const cases = [
      ['"text"', "string", "text"],
      ["0.1", "number", 0.1],
      [
        '{ a = 1, b = [true, "x"], c = null }',
        ["object", { a: "number", b: ["tuple", ["bool", "string"]], c: "dynamic" }],
        { a: 1, b: [true, "x"], c: null },
      ],
      ['tolist(["a", "b"])', ["list", "string"], ["a", "b"]],
      ['toset(["b", "a"])', ["set", "string"], ["a", "b"]],
      ["tomap({ a = 1 })", ["map", "number"], { a: 1 }],
      ["[]", ["tuple", []], []],
      ["var.none", "string", null],
    ] as const;
    await workspace.write(setting("one", "value = null"));
    await workspace.apply();
    expect(await settingOf(workspace)).toMatchObject({ value: null, echo: null });
    await workspace.expectEmptyPlan();
    for (const [written, type, value] of cases) {
      await workspace.write(variable + setting("one", `value = ${written}`));
      await workspace.apply();
      expect(await settingOf(workspace), written).toMatchObject({ value: { type, value } });
      await workspace.expectEmptyPlan();
    }
  });

  test("is planned where it, or a part of it, is known only after apply", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    const first = 'resource "acme_item" "first" {\n  name = "first"\n}\n';
    await workspace.write(
      first +
        setting("first", "value = { sum = acme_item.first.checksum, n = 1 }") +
        setting("one", "value = acme_item.first.checksum") +
        setting("two", "value = acme_setting.first.echo"),
    );
    const planned = await workspace.run("plan");
    expect(planned.exitCode, planned.output).toBe(0);
    await workspace.apply();
    expect(await settingOf(workspace)).toMatchObject({ value: { type: "string", value: "sum of nothing" } });
    expect(await workspace.state("acme_setting.two")).toMatchObject({
      value: { type: ["object", { n: "number", sum: "string" }], value: { sum: "sum of nothing", n: 1 } },
    });
    await workspace.expectEmptyPlan();
  });

  test("shows drift of value and of type, and repairs it", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(setting("one", 'value = tolist(["a"])'));
    await workspace.apply();
    const file = join(workspace.world, "settings", "setting-one.json");
    for (const value of [["a", "b"], 7, null]) {
      await writeFile(file, JSON.stringify({ name: "one", value, token: null }));
      expect(await workspace.planIsEmpty()).toBe(false);
      await workspace.apply();
      expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ value: ["a"] });
      await workspace.expectEmptyPlan();
    }
  });

  test("is imported with the type that its JSON has as a literal", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(setting("one", 'value = { a = [1, "x"], b = null }'));
    await workspace.apply();
    await workspace.run("state", "rm", "acme_setting.one");
    const imported = await workspace.run("import", "acme_setting.one", "setting-one");
    expect(imported.exitCode, imported.output).toBe(0);
    expect(await settingOf(workspace)).toMatchObject({
      value: {
        type: ["object", { a: ["tuple", ["number", "string"]], b: "dynamic" }],
        value: { a: [1, "x"], b: null },
      },
    });
    await workspace.expectEmptyPlan();
  });

  test("is nested and sensitive: kept, and never shown", { timeout: limitMs }, async () => {
    const workspace = await createAcmeWorkspace();
    await workspace.write(setting("one", 'value = "x"', `access = { token = { key = "${canary}" } }`));
    const applied = await workspace.run("apply", "-auto-approve");
    expect(applied.exitCode, applied.output).toBe(0);
    expect(applied.output).not.toContain(canary);
    expect(await settingOf(workspace)).toMatchObject({ access: { token: { value: { key: canary } } } });
    await workspace.expectEmptyPlan();
  });
});

test("a function takes and returns values of any type", { timeout: limitMs }, async () => {
  const workspace = await createAcmeWorkspace();
  const picks = [
    'text   = provider::acme::pick({ a = "x" }, "a")',
    'number = provider::acme::pick({ a = 1.5 }, "a") + 1',
    'object = provider::acme::pick({ a = { b = [true, 2] } }, "a")',
    'none   = provider::acme::pick("x", "a")',
    'late   = provider::acme::pick({ a = acme_setting.one.echo }, "a")',
  ];
  await workspace.write(
    `${setting("one", "value = [1]")}output "picked" {\n  value = {\n    ${picks.join("\n    ")}\n  }\n}\n`,
  );
  await workspace.apply();
  const picked = { text: "x", number: 2.5, object: { b: [true, 2] }, none: null, late: [1] };
  expect(await workspace.outputs()).toEqual({ picked });
  await workspace.expectEmptyPlan();
});
