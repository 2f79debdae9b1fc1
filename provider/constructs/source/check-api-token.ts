import { ApiToken as ApiTokenBinding, type ApiTokenSecretStore } from "@orgtokens/cdktn/bindings";
import { type IResolvable, TerraformStack, Token } from "cdktn";
import { secondsOf } from "./duration.ts";

type CheckedApiToken = ApiTokenBinding & { readonly reason: string | undefined };

/** What is wrong with a token in its stack, a sentence each. The engine puts the path of the construct before it. */
export function checkApiToken(token: CheckedApiToken): string[] {
  return [
    ...checkReason(token),
    ...checkStore(token.secretStoreInput),
    ...checkExpiry(token),
    ...checkNeighbours(token),
  ];
}

function checkReason({ roleInput, reason, descriptionInput }: CheckedApiToken): string[] {
  const isExplained = [reason, descriptionInput].some((text) => text !== undefined && text.trim() !== "");
  if (roleInput !== "admin" || isExplained) return [];
  return [
    "An Admin token may revoke every token of the organization: say in `reason` why it must be one, or make it a developer's.",
  ];
}

function checkStore(store: ApiTokenBinding["secretStoreInput"]): string[] {
  const stores = storesOf(store);
  if (stores === undefined || stores.length === 1) return [];
  const named = stores.length === 0 ? "none" : stores.map(([kind]) => kind).join(" and ");
  return [
    `\`secretStore\` must be exactly one store, but names ${named}. Use SecretStore.vault(...) or one of its siblings.`,
  ];
}

function checkExpiry({ expiresInInput, rotateAfterInput }: CheckedApiToken): string[] {
  if (expiresInInput === undefined || rotateAfterInput === undefined) return [];
  const [lifetime, age] = [secondsOf("`expiresIn`", expiresInInput), secondsOf("`rotateAfter`", rotateAfterInput)];
  if (lifetime === undefined || age === undefined || age < lifetime) return [];
  return [
    `A secret that lives ${expiresInInput} must be rotated before: rotate it after less than that, not after ${rotateAfterInput}.`,
  ];
}

/**
 * Other tokens of its provider in the stack that have its label or its place, as far as that is known before Terraform runs. Of two
 * that are both checked the later one is told; a plain binding checks nothing itself.
 */
function checkNeighbours(token: CheckedApiToken): string[] {
  const all = TerraformStack.of(token)
    .node.findAll()
    .filter((node) => node instanceof ApiTokenBinding);
  const at = all.indexOf(token);
  const others = all.filter((other, index) => index < at || (index > at && !("reason" in other)));
  const neighbours = others.filter(({ provider }) => provider?.alias === token.provider?.alias);
  const label = token.labelInput;
  const namesake = Token.isUnresolved(label) ? undefined : neighbours.find(({ labelInput }) => labelInput === label);
  const place = placeOf(token);
  const neighbour = place === undefined ? undefined : neighbours.find((other) => placeOf(other) === place);
  return [
    ...(namesake === undefined
      ? []
      : [`The label "${label}" is that of ${namesake.node.path}, too. Give each token its own.`]),
    ...(neighbour === undefined
      ? []
      : [
          `Its secret would be written over that of ${neighbour.node.path}: ${place}. Give each token a place of its own.`,
        ]),
  ];
}

/** The stores that are set; undefined when only Terraform knows. */
function storesOf(store: ApiTokenBinding["secretStoreInput"]): readonly [string, object][] | undefined {
  if (store === undefined) return [];
  if (!isKnown(store)) return undefined;
  return Object.entries(store).filter(([, place]) => place !== undefined);
}

function isKnown(store: ApiTokenSecretStore | IResolvable): store is ApiTokenSecretStore {
  return !Token.isUnresolved(store);
}

type Members = Readonly<Record<string, unknown>>;

/** What the provider takes for the same, by kind: a key that is left out, a slash, capitals. */
const canonical: { readonly [Kind in keyof ApiTokenSecretStore]?: (members: Members) => Members } = {
  awsSsm: ({ path, ...rest }) => ({ ...rest, path: String(path).replace(/^\//, "") }),
  githubActions: ({ visibility: _, selectedRepositoryIds: __, ...rest }) =>
    Object.fromEntries(Object.entries(rest).map(([name, text]) => [name, String(text).toLowerCase()])),
  kubernetes: (members) => ({ key: "token", ...members }),
  vault: (members) => ({ key: "token", ...members }),
};

/** A text that two places have in common only if they are one; undefined while a part of it is known to Terraform alone. */
function placeOf({ secretStoreInput }: ApiTokenBinding): string | undefined {
  const [entry] = storesOf(secretStoreInput) ?? [];
  if (entry === undefined || Token.isUnresolved(entry[1])) return undefined;
  const [kind, place] = entry;
  const members = Object.entries(place).filter(([, member]) => member !== undefined);
  if (members.some(([, member]) => Token.isUnresolved(member))) return undefined;
  const given = Object.fromEntries(members);
  const texts = Object.entries((isKind(kind) && canonical[kind]?.(given)) || given).map(
    ([name, text]) => `${name} ${text}`,
  );
  return `${kind} with ${texts.toSorted().join(", ")}`;
}

function isKind(kind: string): kind is keyof ApiTokenSecretStore & keyof typeof canonical {
  return Object.hasOwn(canonical, kind);
}
