import { describe, expect, test } from "vitest";
import {
  attribute,
  defineResource,
  defineSchema,
  formatPath,
  requiresReplaceIfConfigured,
  unknown,
  useNonNullStateForUnknown,
  useStateForUnknown,
  type Value,
} from "../../../provider/framework/index.ts";
import { configured } from "./single-provider.ts";
import { capabilities, noBytes } from "./terraform-rules.ts";

const typeName = "acme_disk";
const schema = defineSchema({
  description: "A disk.",
  attributes: {
    name: attribute.string({ required: true, description: "Name." }),
    kind: attribute.string({
      optional: true,
      computed: true,
      description: "Kind.",
      planModifiers: [requiresReplaceIfConfigured()],
    }),
    attached_at: attribute.string({
      computed: true,
      nullable: true,
      description: "When it was attached, once it is.",
      planModifiers: [useNonNullStateForUnknown()],
    }),
    archived_at: attribute.string({
      computed: true,
      nullable: true,
      description: "When it was archived, if ever.",
      planModifiers: [useStateForUnknown()],
    }),
  },
});
const unused = async () => Promise.reject(new Error("Nothing is applied here."));
const disk = defineResource<typeof schema, null>({
  typeName,
  schema,
  create: unused,
  read: unused,
  update: unused,
  delete: unused,
});

/** The plan of a disk called `b` that is called `a`. */
async function plan(kind: Value, prior: { readonly [name: string]: Value } | null) {
  const server = await configured(null, { resources: [disk] });
  const config = { name: "b", kind, attached_at: null, archived_at: null };
  const proposedNewState = { ...config, ...prior, name: "b", kind: kind ?? prior?.["kind"] ?? null };
  const request = { typeName, priorState: prior && { ...prior, name: "a" }, proposedNewState, config };
  const answer = await server.planResourceChange(
    { ...request, priorPrivate: noBytes, clientCapabilities: capabilities },
    new AbortController().signal,
  );
  expect(answer.diagnostics).toEqual([]);
  return { planned: answer.plannedState, replaced: answer.requiresReplace.map(formatPath) };
}
const before = { name: "a", kind: "ssd", attached_at: null, archived_at: null };

describe("useNonNullStateForUnknown", () => {
  test("keeps a value, and leaves open what has none yet, which useStateForUnknown would keep at null", async () => {
    expect((await plan("ssd", before)).planned).toMatchObject({ attached_at: unknown, archived_at: null });
    const attached = { ...before, attached_at: "2026-01-01" };
    expect((await plan("ssd", attached)).planned).toMatchObject({ attached_at: "2026-01-01" });
  });

  test("leaves open everything of what is created", async () => {
    expect((await plan("ssd", null)).planned).toMatchObject({ attached_at: unknown, archived_at: unknown });
  });
});

describe("requiresReplaceIfConfigured", () => {
  test("replaces for a configured change, one that is not known yet too", async () => {
    expect((await plan("hdd", before)).replaced).toEqual(["kind"]);
    expect((await plan(unknown, before)).replaced).toEqual(["kind"]);
  });

  test("does not for a value as it was, nor for one the provider decides anew", async () => {
    expect((await plan("ssd", before)).replaced).toEqual([]);
    const decided = await plan(null, before);
    expect(decided).toMatchObject({ planned: { kind: unknown }, replaced: [] });
  });
});
