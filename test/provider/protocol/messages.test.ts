import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { timestamp } from "../../../provider/protocol/messages/ephemeral-resources.ts";
import { tfplugin6, tfplugin6Enums } from "../../../provider/protocol/messages.ts";
import type { Field, Fields } from "../../../provider/protocol/protobuf.ts";

const folder = new URL("../../../provider/protocol/proto/", import.meta.url);
const proto = parseProto(readFileSync(new URL("tfplugin6.proto", folder), "utf8"));

describe("the message tables", () => {
  test.each(Object.entries(tfplugin6))("%s has the names, numbers and types of tfplugin6.proto", (name, fields) => {
    const declared = proto.messages.get(name);
    expect(declared, `message ${name}`).toBeDefined();
    for (const [field, definition] of Object.entries<Field>(fields)) {
      expect(describeField(definition), `${name}.${field}`).toEqual(declared?.get(field));
    }
  });

  test.each(Object.entries(tfplugin6Enums))("%s has the numbers of tfplugin6.proto", (name, values) => {
    expect(Object.fromEntries(proto.enums.get(name) ?? [])).toMatchObject(values);
  });

  test("every message we answer or read belongs to a call of the service", () => {
    const used = Object.keys(tfplugin6)
      .filter((name) => name.endsWith(".Request"))
      .map((name) => name.replace(".Request", ""));
    expect(proto.methods).toEqual(expect.arrayContaining(used));
  });
});

test("the vendored definitions are the bytes their table names, and carry their licence", () => {
  const table = readFileSync(new URL("README.md", folder), "utf8");
  const rows = [...table.matchAll(/^\| (\w+\.proto) \|.*`([0-9a-f]{64})` \|$/gm)];
  expect(rows).toHaveLength(4);
  for (const [, file = "", sha256] of rows) {
    const text = readFileSync(new URL(file, folder));
    expect(createHash("sha256").update(text).digest("hex"), file).toBe(sha256);
    expect(text.toString()).toContain("SPDX-License-Identifier: MPL-2.0");
  }
});

interface Declared {
  readonly number: number;
  /** A scalar's name, `enum`, or the message's full name. */
  readonly type: string;
  readonly label: string | undefined;
}

function describeField([number, type, label]: Field): Declared {
  return { number, type: typeof type === "string" ? type : nameOf(typeof type === "function" ? type() : type), label };
}

function nameOf(fields: Fields): string {
  // The one message that tfplugin6.proto imports; its two fields are in the documentation of protobuf.
  const named = { ...tfplugin6, "google.protobuf.Timestamp": timestamp };
  const found = Object.entries<Fields>(named).find(([, table]) => table === fields);
  return found?.[0] ?? "a table without a name";
}

/** Reads as much of the language as the file uses: nested messages and enums, oneofs, maps, labels, one service. */
function parseProto(source: string) {
  const messages = new Map<string, Map<string, Declared>>();
  const enums = new Map<string, Map<string, number>>();
  const methods: string[] = [];
  const scopes: { readonly kind: string; readonly name: string }[] = [];
  const path = () =>
    scopes
      .filter(({ kind }) => kind !== "oneof")
      .map(({ name }) => name)
      .join(".");
  const text = source.replaceAll(/\/\/.*$/gm, "").replaceAll(/\[[^\]]*\]/g, "");
  for (const [token] of text.matchAll(/[^;{}]+[;{]|\}/g)) {
    const words = token.slice(0, -1).trim();
    const scope = scopes.at(-1);
    const opened = /^(message|enum|oneof|service) (\w+)$/.exec(words);
    if (token === "}") scopes.pop();
    else if (token.endsWith("{") && opened !== null) {
      scopes.push({ kind: opened[1] ?? "", name: opened[2] ?? "" });
      if (opened[1] === "message") messages.set(path(), new Map());
      if (opened[1] === "enum") enums.set(path(), new Map());
    } else if (token.endsWith("{")) scopes.push({ kind: "other", name: words });
    else if (scope?.kind === "enum") {
      const [, name = "", number] = /^(\w+) = (\d+)$/.exec(words) ?? [];
      enums.get(path())?.set(name, Number(number));
    } else if (scope?.kind === "service") methods.push(/^rpc (\w+)/.exec(words)?.[1] ?? "");
    else if (scope !== undefined) {
      const [, label, key, map, plain, name = "", number] =
        /^(?:(repeated|optional) )?(?:map<(\w+), ([\w.]+)>|([\w.]+)) (\w+) = (\d+)$/.exec(words) ?? [];
      const isOptional = label === "optional" || scope.kind === "oneof";
      const written = {
        number: Number(number),
        type: map ?? plain ?? "",
        label: key !== undefined ? "map" : isOptional ? "optional" : label,
      };
      messages.get(path())?.set(name, written);
    }
  }
  resolveTypes(messages, enums);
  return { messages, enums, methods };
}

/** Replaces type names by full names, looking outwards from where they are written. */
function resolveTypes(messages: Map<string, Map<string, Declared>>, enums: Map<string, Map<string, number>>): void {
  for (const [message, fields] of messages) {
    for (const [name, field] of fields) {
      const scopes = message.split(".").map((_, index, all) => all.slice(0, all.length - index).join("."));
      const candidates = [...scopes.map((scope) => `${scope}.${field.type}`), field.type];
      const full = candidates.find((candidate) => messages.has(candidate) || enums.has(candidate));
      if (full !== undefined) fields.set(name, { ...field, type: enums.has(full) ? "enum" : full });
    }
  }
}
