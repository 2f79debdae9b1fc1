import { destinationOf, type SecretStorePlace } from "@orgtokens/sdk/secret-stores";
import {
  type Attributes,
  attributePath,
  defineFunction,
  FunctionError,
  formatPath,
  parameter,
} from "../framework/index.ts";
import { isStoreKindName, storeKindNames, storeKinds } from "../secret-stores/secret-store.ts";

/** `provider::orgtokens::destination`: the URI of a place. */
export const destination = defineFunction({
  name: "destination",
  summary: "The URI of a place in a secret store",
  description:
    'The URI under which the server knows a place, for the place written as `secret_store` of `orgtokens_api_token` has it: `destination({ vault = { mount = "kv", path = "ci" } })` is `vault://kv/ci#token`. Use it to filter `orgtokens_api_tokens` or to read an `orgtokens_stored_secret`. A relative path of a file starts at the working directory.',
  parameters: [
    parameter.map({
      name: "store",
      element: ["map", "string"],
      omitsNulls: true,
      description:
        "The place: an object with exactly one member, named after the kind of store, that holds the place's own. Members that are null count as left out, so that `secret_store` of a resource will do.",
    }),
  ],
  returns: "string",
  run: ({ store }) => destinationOf(placeOf(store)),
});

type Members = { readonly [name: string]: string };

/** @throws FunctionError at what `secret_store` would refuse, too. */
function placeOf(store: {
  readonly [kind: string]: { readonly [name: string]: string | null } | null;
}): SecretStorePlace {
  const known = storeKindNames.map((kind) => `"${kind}"`).join(", ");
  const [given, ...others] = Object.entries(store);
  if (given === undefined || others.length > 0) throw new FunctionError(`Give exactly one of ${known}.`, 0);
  const [kind, place] = given;
  if (!isStoreKindName(kind)) throw new FunctionError(`There is no store "${kind}". Give exactly one of ${known}.`, 0);
  const { placeAttributes, toPlace } = storeKinds[kind];
  return toPlace(membersOf(placeAttributes, kind, place ?? {}));
}

/** The members of a place that are set, after the checks that the attributes of the same names have. */
function membersOf(attributes: Attributes, kind: string, place: { readonly [name: string]: string | null }): Members {
  const stranger = Object.keys(place).find((name) => !Object.hasOwn(attributes, name));
  const known = Object.keys(attributes)
    .map((name) => `"${name}"`)
    .join(", ");
  if (stranger !== undefined) throw new FunctionError(`${kind} has no "${stranger}", but ${known}.`, 0);
  const members: [string, string][] = [];
  for (const [name, { required, validators }] of Object.entries(attributes)) {
    const value = place[name] ?? null;
    const path = attributePath(kind, name);
    if (value === null && required) throw new FunctionError(`${formatPath(path)} is missing.`, 0);
    if (value === null) continue;
    const [problem] = validators.flatMap((validator) => validator(value, path));
    if (problem !== undefined) throw new FunctionError(`${problem.summary}. ${problem.detail}`, 0);
    members.push([name, value]);
  }
  return Object.fromEntries(members);
}
