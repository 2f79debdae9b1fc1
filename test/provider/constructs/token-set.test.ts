import { SecretStore, TokenSet, type TokenSetProps } from "@orgtokens/cdktn";
import { TerraformStack, Testing } from "cdktn";
import { expect, test } from "vitest";

const props: TokenSetProps = {
  services: ["billing", "search"],
  environments: ["staging", "production"],
  token: ({ service, environment }) => ({
    role: "developer",
    secretStore: SecretStore.vault({ mount: "kv", path: `${environment}/${service}`, key: "token" }),
  }),
};

const newSet = (changed: Partial<TokenSetProps> = {}) =>
  new TokenSet(new TerraformStack(Testing.app(), "tokens"), "set", { ...props, ...changed });

test("there is one token for each service and environment, labelled alike", () => {
  const set = newSet();
  expect(set.tokens.map(({ labelInput }) => labelInput)).toEqual([
    "billing (staging)",
    "billing (production)",
    "search (staging)",
    "search (production)",
  ]);
  expect(set.get("search", "staging").secretStoreInput).toEqual({
    vault: { mount: "kv", path: "staging/search", key: "token" },
  });
});

test("names that run together do not collide", () => {
  const set = newSet({ services: ["a", "a-b"], environments: ["b-c", "c"] });
  expect(new Set(set.tokens.map(({ friendlyUniqueId }) => friendlyUniqueId)).size).toBe(4);
});

test("labels follow another rule where one is given", () => {
  const set = newSet({ label: ({ service, environment }) => `${environment}/${service}` });
  expect(set.get("billing", "production").labelInput).toBe("production/billing");
});

test("a label rule that forgets a part is refused when the app is synthesized", () => {
  const stack = new TerraformStack(Testing.app(), "tokens");
  new TokenSet(stack, "set", { ...props, label: ({ service }) => service });
  expect(() => Testing.synth(stack, true)).toThrow(/\[tokens\/set\/billing\/production\] The label "billing"/);
});

test("a name that is none, or is there twice, is refused with the path of the set", () => {
  for (const name of ["Billing", "1st", "", "a_b", "a".repeat(41)]) {
    expect(() => newSet({ services: [name] })).toThrow(`tokens/set: the service "${name}" must be small letters`);
  }
  expect(() => newSet({ environments: ["a", "b", "a"] })).toThrow('tokens/set: the environment "a" is there twice.');
});

test("a token that the set does not have is asked for in vain", () => {
  expect(() => newSet().get("billing", "test")).toThrow("tokens/set has no token for billing in test.");
});
