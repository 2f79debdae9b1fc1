import { fingerprintOf } from "@orgtokens/sdk";
import { type SecretStore, SecretStoreError } from "@orgtokens/sdk/secret-stores";
import {
  AttributeError,
  attribute,
  attributePath,
  defineEphemeralResource,
  defineSchema,
  exactlyOneOf,
  lengthBetween,
  type Opened,
  type OpenRequest,
  pattern,
} from "../framework/index.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";
import { withStore } from "../resources/with-store.ts";
import { type AnySecretStore, readSecretStoreAttribute, settingsOf } from "../secret-stores/secret-store.ts";

const schema = defineSchema({
  description: `The secret that \`orgtokens_api_token\` delivered into its secret store, for a write-only argument or the provider block of something else. It is in no plan and no state.

Reading needs a right that nothing else here needs: in Vault, \`read\` on \`MOUNT/data/PATH\`. It is checked that the store holds a secret that orgtokens delivered there for this organization and nobody has overwritten since, and with \`fingerprint\` that it is the one that is meant. Set \`fingerprint = orgtokens_api_token.NAME.fingerprint\`: while a new secret is yet to be delivered, the fingerprint is not known, and Terraform reads the store only afterwards.`,
  attributes: {
    destination: attribute.string({
      optional: true,
      computed: true,
      description:
        "URI of the place, as `orgtokens_api_token` and `provider::orgtokens::destination` give it. Exactly one of `destination` and `secret_store`.",
      validators: [lengthBetween(5, 512)],
    }),
    secret_store: readSecretStoreAttribute,
    fingerprint: attribute.string({
      optional: true,
      computed: true,
      description:
        "The fingerprint that the secret must have: the first 16 hexadecimal characters of its SHA-256. Left out, any secret that orgtokens delivered there will do.",
      validators: [pattern(/^[0-9a-f]{16}$/, "be 16 lower-case hexadecimal characters")],
    }),
    token: attribute.string({ computed: true, sensitive: true, description: "The full token. Secret." }),
    api_token_id: attribute.string({ computed: true, description: "Id of the token whose secret it is." }),
    store_version: attribute.string({
      computed: true,
      nullable: true,
      description: "The version of the entry in the secret store, where the store has versions.",
    }),
  },
  validators: [exactlyOneOf("destination", "secret_store")],
});

type Schema = typeof schema;
type Request = OpenRequest<Schema, OrgtokensClient>;

/** `ephemeral.orgtokens_stored_secret`: a delivered secret, read from its store. */
export const storedSecret = defineEphemeralResource<Schema, OrgtokensClient>({
  typeName: "orgtokens_stored_secret",
  schema,
  async open(request) {
    const { settings, at } = placeOf(request);
    try {
      return await withStore(request.client, settings, (store) => readSecret(request, store, at));
    } catch (error) {
      if (!(error instanceof SecretStoreError)) throw error;
      throw new AttributeError(attributePath(at), "The stored secret could not be read", error.message, {
        cause: error,
      });
    }
  },
});

/** Which attribute names the place. */
type PlaceAttribute = "destination" | "secret_store";

function placeOf({ config }: Request): { readonly settings: AnySecretStore; readonly at: PlaceAttribute } {
  const { secret_store: given, destination } = config;
  if (given !== null) return { settings: given, at: "secret_store" };
  const settings = settingsOf(destination ?? "");
  if (settings !== undefined) return { settings, at: "destination" };
  const detail =
    "It is the URI of no secret store that this provider knows. Use the destination of an orgtokens_api_token, or provider::orgtokens::destination(...).";
  throw new AttributeError(attributePath("destination"), "Invalid value for destination", detail);
}

async function readSecret(request: Request, store: SecretStore, at: PlaceAttribute): Promise<Opened<Schema>> {
  const { config, client, signal, diagnostics } = request;
  if (!store.isReadable) throw unreadable(store, at);
  const entry = await store.describe({ signal });
  const { apiTokenId, fingerprint, version } = entry ?? {};
  if (apiTokenId === undefined || fingerprint === undefined) throw unusable(store, at, entry);
  requireOwn(client, store, at, entry);
  if (config.fingerprint !== null && config.fingerprint !== fingerprint) {
    const detail = `${store.destination} holds the secret ${fingerprint} of the token ${apiTokenId}, not ${config.fingerprint}. If a rotation is under way, run Terraform again.`;
    throw new AttributeError(attributePath("fingerprint"), "The store holds another secret", detail);
  }
  const token = await store.read({ signal });
  if (token !== undefined) diagnostics.redact(token);
  if (token === undefined || (await fingerprintOf(token)) !== fingerprint) {
    const detail = `What is at ${store.destination} is not the secret that its metadata names: somebody changed it just now, or overwrote it. Run Terraform again; if this persists, apply to deliver a new one.`;
    throw new AttributeError(attributePath(at), "The stored secret was changed", detail);
  }
  return {
    result: {
      destination: config.destination ?? store.destination,
      secret_store: config.secret_store,
      fingerprint,
      token,
      api_token_id: apiTokenId,
      store_version: version ?? null,
    },
  };
}

/** @throws AttributeError when the metadata names another organization than the provider's; older entries name none. */
function requireOwn(
  { organizationId: own }: OrgtokensClient,
  store: SecretStore,
  at: PlaceAttribute,
  entry: Entry,
): void {
  const { apiTokenId, organizationId = own } = entry ?? {};
  if (own === undefined || organizationId === own) return;
  const detail = `${store.destination} holds the secret of the token ${apiTokenId} of the organization ${organizationId}, and the provider works in ${own}. Name another place, or correct "endpoint" and "api_token" of the provider.`;
  throw new AttributeError(attributePath(at), "The stored secret is of another organization", detail);
}

type Entry = Awaited<ReturnType<SecretStore["describe"]>>;

function unreadable(store: SecretStore, at: PlaceAttribute): AttributeError {
  const detail = `${store.destination} is in a store that takes secrets and gives none back: only who it is kept for gets to see it, such as the workflows of a repository. Deliver a token of its own to a store that can be read.`;
  return new AttributeError(attributePath(at), "The store gives no secret back", detail);
}

function unusable(store: SecretStore, at: PlaceAttribute, entry: Entry): AttributeError {
  const path = attributePath(at);
  if (entry === undefined) {
    const detail = `Nothing is at ${store.destination}. If this configuration delivers the secret there, set fingerprint = orgtokens_api_token.NAME.fingerprint, so that it is read after it was delivered.`;
    return new AttributeError(path, "There is no stored secret", detail);
  }
  const why =
    entry.apiTokenId === undefined
      ? "orgtokens did not write what is there."
      : `The secret of the token ${entry.apiTokenId} was overwritten or deleted there, or its delivery was cut short. Apply to deliver a new one.`;
  return new AttributeError(path, "The place does not hold a delivered secret", `${store.destination}: ${why}`);
}
