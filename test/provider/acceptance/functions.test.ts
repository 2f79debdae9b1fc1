/** The provider's functions, called by a real engine. They need no server and no provider block. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createTokenIssuer } from "../../../server/domain/token-text.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { createWorkspace } from "../../support/terraform.ts";

// Terraform takes seconds.
vi.setConfig({ testTimeout: 120_000 });

const issue = createTokenIssuer(randomBytes);

async function evaluate(expressions: Readonly<Record<string, string>>) {
  const workspace = await createWorkspace({ folder: await temporaryFolder() });
  const outputs = Object.entries(expressions).map(([name, text]) => `output "${name}" {\n  value = ${text}\n}\n`);
  await workspace.write(outputs.join(""));
  await workspace.apply();
  return { workspace, outputs: await workspace.outputs() };
}

async function refuse(expression: string, message: RegExp): Promise<void> {
  const workspace = await createWorkspace({ folder: await temporaryFolder() });
  await workspace.write(`output "it" {\n  value = ${expression}\n}\n`);
  await workspace.expectError(message, "plan");
}

test("a token is obfuscated as the server's list shows it, and nothing is shown of another text", async () => {
  const { text, obfuscated } = issue();
  const { workspace, outputs } = await evaluate({
    token: `provider::orgtokens::obfuscate(join("", ["${text.slice(0, 9)}", "${text.slice(9)}"]))`,
    other: 'provider::orgtokens::obfuscate("correct horse battery staple")',
  });
  expect(outputs).toEqual({ token: obfuscated, other: "****" });
  expect(await workspace.placesOf(text)).toEqual([]);
});

test("a precondition of is_well_formed refuses a mistyped token, and shows neither it nor the right one", async () => {
  const workspace = await createWorkspace({ folder: await temporaryFolder() });
  await workspace.write(`
    variable "token" { sensitive = true }
    output "is_checked" {
      value = true
      precondition {
        condition     = provider::orgtokens::is_well_formed(var.token)
        error_message = "That is no token."
      }
    }`);
  const { text } = issue();
  await workspace.apply(`-var=token=${text}`);
  const mistyped = text.replace(/.$/, text.endsWith("x") ? "y" : "x");
  await workspace.expectError(/That is no token/, "plan", `-var=token=${mistyped}`);
  for (const hidden of [text, mistyped]) expect(await workspace.placesOf(hidden)).toEqual([]);
});

test("is_well_formed takes the prefix of another installation, and one only", async () => {
  const text = "acme_ci_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz1BgKLX";
  const { outputs } = await evaluate({
    named: `provider::orgtokens::is_well_formed("${text}", "acme_ci_")`,
    usual: `provider::orgtokens::is_well_formed("${text}")`,
  });
  expect(outputs).toEqual({ named: true, usual: false });
  await refuse('provider::orgtokens::is_well_formed("x", "a_", "b_")', /one prefix at most/);
  await refuse('provider::orgtokens::is_well_formed("x", "acme")', /prefix[\s\S]*end with one/);
});

test("destination gives the URI of a place as orgtokens_api_token has it", async () => {
  const { workspace, outputs } = await evaluate({
    vault: 'provider::orgtokens::destination({ vault = { mount = "kv", path = "ci/orgtokens", key = "deploy" } })',
    usual: 'provider::orgtokens::destination({ vault = { mount = "kv", path = "ci/orgtokens" } })',
    file: 'provider::orgtokens::destination({ file = { path = "/run/secrets/ci" } })',
    relative: 'provider::orgtokens::destination({ file = { path = "secrets/ci" } })',
    optional: 'provider::orgtokens::destination({ vault = { mount = "kv", path = "ci", key = null }, file = null })',
  });
  expect(outputs).toEqual({
    vault: "vault://kv/ci/orgtokens#deploy",
    usual: "vault://kv/ci/orgtokens#token",
    file: "file:///run/secrets/ci",
    relative: `file://${join(workspace.folder, "secrets/ci")}`,
    optional: "vault://kv/ci#token",
  });
});

test.each([
  ["no store", "{}", /exactly one of [^.]*"file"/],
  ["two stores", '{ file = { path = "a" }, vault = { path = "a" } }', /exactly one of [^.]*"file"/],
  ["an unknown store", '{ s3 = { path = "a" } }', /no store "s3"/],
  ["a missing member", '{ vault = { path = "a" } }', /vault\.mount is missing/],
  ["an unknown member", '{ file = { path = "a", mode = "0600" } }', /file has no "mode", but "path"/],
  ["a path with a line break", '{ file = { path = "a\\nb" } }', /file\.path[\s\S]*control characters/],
])("destination refuses %s, and says what to write", (_, store, message) =>
  refuse(`provider::orgtokens::destination(${store})`, message),
);
