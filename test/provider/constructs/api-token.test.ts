import { ApiToken, type ApiTokenProps, OrgtokensProvider, RotationSchedule, SecretStore } from "@orgtokens/cdktn";
import { ApiToken as ApiTokenBinding } from "@orgtokens/cdktn/bindings";
import { TerraformStack, TerraformVariable, Testing } from "cdktn";
import { expect, test } from "vitest";
import { storeKindNames } from "../../../provider/secret-stores/secret-store.ts";

function newStack(app = Testing.app(), id = "tokens"): TerraformStack {
  const stack = new TerraformStack(app, id);
  new OrgtokensProvider(stack, "orgtokens", { managedBy: "tests" });
  return stack;
}

const file = (path: string) => SecretStore.file({ path });
const developer = (label: string): ApiTokenProps => ({
  label,
  role: "developer",
  secretStore: file(`/secrets/${label}`),
});

/** Synthesizes with the validations that an app runs. */
const synthesize = (stack: TerraformStack) => Testing.synth(stack, true);

test("a token is written as one would write it by hand", () => {
  const stack = newStack();
  new ApiToken(stack, "ci", {
    label: "CI build",
    role: "developer",
    expiresIn: "180d",
    rotation: RotationSchedule.every("90d").orWhenChanged({ quarter: "2026-Q4" }).withGracePeriod("2h"),
    secretStore: SecretStore.vault({ mount: "kv", path: "ci/orgtokens", key: "token" }),
  });
  new ApiToken(stack, "operator", {
    label: "Operator",
    role: "admin",
    reason: "Rotates the tokens of the organization every night.",
    preventRevoke: true,
    secretStore: SecretStore.awsSecretsManager({ region: "eu-central-1", name: "operator/token" }),
  });
  expect(Testing.synthHcl(stack)).toMatchSnapshot();
});

test("every kind of store that the provider has is set by the function of its name, and nothing else is", () => {
  const kinds = storeKindNames.map((name) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()));
  expect(Object.keys(SecretStore).toSorted()).toEqual(kinds.toSorted());
  for (const [kind, make] of Object.entries<(place: never) => object>(SecretStore)) {
    const place = Object.freeze({});
    expect(Reflect.apply(make, undefined, [place])).toEqual({ [kind]: place });
  }
});

test("two tokens with one label are refused, and both are named", () => {
  const stack = newStack();
  new ApiToken(stack, "one", developer("CI"));
  new ApiToken(stack, "two", { ...developer("CI"), secretStore: file("/secrets/other") });
  expect(() => synthesize(stack)).toThrow(/\[tokens\/two\] The label "CI" is that of tokens\/one, too\./);
});

test("two tokens in one place are refused, however they are declared", () => {
  const stack = newStack();
  const place = { mount: "kv", path: "ci", key: "token" };
  new ApiTokenBinding(stack, "binding", { label: "One", role: "developer", secretStore: { vault: place } });
  new ApiToken(stack, "two", {
    ...developer("Two"),
    secretStore: SecretStore.vault({ key: "token", path: "ci", mount: "kv" }),
  });
  expect(() => synthesize(stack)).toThrow(
    /\[tokens\/two\] Its secret would be written over that of tokens\/binding: vault with key token, mount kv, path ci\./,
  );
});

test.each<[string, SecretStore, SecretStore]>([
  [
    "a key that is the default one",
    { vault: { mount: "kv", path: "a" } },
    { vault: { mount: "kv", path: "a", key: "token" } },
  ],
  [
    "a key of Kubernetes",
    { kubernetes: { namespace: "a", name: "b" } },
    { kubernetes: { namespace: "a", name: "b", key: "token" } },
  ],
  ["a slash", SecretStore.awsSsm({ region: "x", path: "/ci" }), SecretStore.awsSsm({ region: "x", path: "ci" })],
  [
    "capitals",
    SecretStore.githubActions({ owner: "O", name: "CI" }),
    SecretStore.githubActions({ owner: "o", name: "ci" }),
  ],
])("two writings of one place are one place: %s", (_, one, other) => {
  const stack = newStack();
  new ApiToken(stack, "one", { ...developer("One"), secretStore: one });
  new ApiToken(stack, "two", { ...developer("Two"), secretStore: other });
  expect(() => synthesize(stack)).toThrow(/\[tokens\/two\] Its secret would be written over that of tokens\/one/);
});

test("a binding that is declared later, and a provider that is named although it is the default, are no way around", () => {
  const later = newStack();
  new ApiToken(later, "one", developer("CI"));
  new ApiTokenBinding(later, "two", { label: "CI", role: "developer", secretStore: file("/elsewhere") });
  expect(() => synthesize(later)).toThrow(/\[tokens\/one\] The label "CI" is that of tokens\/two/);
  const stack = new TerraformStack(Testing.app(), "tokens");
  const provider = new OrgtokensProvider(stack, "orgtokens", {});
  new ApiToken(stack, "one", developer("CI"));
  new ApiToken(stack, "two", { ...developer("CI"), secretStore: file("/elsewhere"), provider });
  expect(() => synthesize(stack)).toThrow(/\[tokens\/two\] The label "CI"/);
});

test("other places, other stacks and other providers are no neighbours", () => {
  const app = Testing.app();
  const stack = newStack(app, "one");
  const provider = new OrgtokensProvider(stack, "other", { alias: "other" });
  new ApiToken(stack, "ci", developer("CI"));
  new ApiToken(stack, "other-organization", { ...developer("CI"), provider });
  new ApiToken(stack, "key", {
    ...developer("Key"),
    secretStore: SecretStore.file({ path: "/secrets/CI", key: "token" }),
  });
  expect(() => synthesize(stack)).not.toThrow();
  const other = newStack(app, "two");
  new ApiToken(other, "ci", developer("CI"));
  expect(() => synthesize(other)).not.toThrow();
});

test("what only Terraform knows is left to Terraform", () => {
  const stack = newStack();
  const variable = new TerraformVariable(stack, "name", { type: "string" });
  for (const id of ["one", "two"]) {
    new ApiToken(stack, id, {
      label: variable.stringValue,
      role: "developer",
      secretStore: file(variable.stringValue),
    });
  }
  const schedule = RotationSchedule.every(variable.stringValue).withGracePeriod(variable.stringValue);
  new ApiToken(stack, "three", { ...developer("Three"), expiresIn: "1d", rotation: schedule });
  expect(() => synthesize(stack)).not.toThrow();
});

test("an Admin token without a reason is refused, by the compiler and when the app is synthesized", () => {
  const stack = newStack();
  // @ts-expect-error An Admin token takes a reason.
  new ApiToken(stack, "admin", { label: "Admin", role: "admin", secretStore: file("/secrets/admin") });
  new ApiToken(stack, "blank", { label: "Blank", role: "admin", reason: " ", secretStore: file("/secrets/blank") });
  expect(() => synthesize(stack)).toThrow(/\[tokens\/admin\] An Admin token[\s\S]*\[tokens\/blank\] An Admin token/);
});

test("a reason is the description, unless there is one", () => {
  const stack = newStack();
  const admin = (id: string, description?: string) =>
    new ApiToken(stack, id, {
      label: id,
      role: "admin",
      reason: "Rotates tokens.",
      secretStore: file(`/secrets/${id}`),
      ...(description === undefined ? {} : { description }),
    });
  expect(admin("plain").descriptionInput).toBe("Rotates tokens.");
  expect(admin("described", "For the night shift.").descriptionInput).toBe("For the night shift.");
});

test("two stores at once, or none, are refused", () => {
  const stack = newStack();
  new ApiToken(stack, "both", {
    ...developer("Both"),
    secretStore: { ...file("/a"), command: { program: "pass", entry: "a" } },
  });
  new ApiToken(stack, "none", { ...developer("None"), secretStore: {} });
  expect(() => synthesize(stack)).toThrow(/\[tokens\/both\].*names command and file|names file and command/);
  expect(() => synthesize(stack)).toThrow(/\[tokens\/none\].*names none/);
});

test("a secret that would expire before its rotation is refused", () => {
  const stack = newStack();
  new ApiToken(stack, "ci", { ...developer("CI"), expiresIn: "30d", rotation: RotationSchedule.every("720h") });
  expect(() => synthesize(stack)).toThrow(/\[tokens\/ci\] A secret that lives 30d must be rotated before/);
});

test("a schedule refuses what is no duration, or too long, where it is written", () => {
  for (const age of ["90", "1h1d", "d", "", "-1d", "1.5d"]) {
    expect(() => RotationSchedule.every(age)).toThrow(RangeError);
  }
  expect(() => RotationSchedule.every("0s")).toThrow("must be longer than 0s");
  expect(() => RotationSchedule.every("1d").withGracePeriod("31d")).toThrow("must be at most 30d, not 31d");
  expect(RotationSchedule.whenChanged({ a: "1" }).toConfig()).toEqual({ rotateWhenChanged: { a: "1" } });
});
