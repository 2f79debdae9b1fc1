import { ApiError, type ApiToken, ConnectionError } from "@orgtokens/sdk";
import { revokeConfirmed } from "@orgtokens/sdk/delivery";
import {
  AttributeError,
  attribute,
  attributePath,
  type CloseRequest,
  defineEphemeralResource,
  defineSchema,
  type Opened,
  type OpenRequest,
  type Renewed,
  type RenewRequest,
  rootPath,
} from "../framework/index.ts";
import { validDescription, validLabel, validNetworks } from "../resources/api-token-validators.ts";
import { duration, durationForm, secondsOf } from "../resources/duration.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";

const daySeconds = 86_400;
const defaultExpiresIn = "1h";
/** Renewed so many times within one lifetime: two renewals can fail before the token expires. */
const renewalsPerLifetime = 3;

const schema = defineSchema({
  description: `A token for this run of Terraform, which no plan or state ever holds: generated when something needs it, renewed as long as it is needed, revoked when nothing does, also after an error. Should the provider be killed, it expires by itself.

Terraform opens it once for each plan and once for each apply, in processes of their own: \`terraform plan\` generates one token, \`terraform apply\` two (one while it plans, one while it applies), \`terraform apply PLANFILE\` one, and \`terraform destroy\` three, because it plans twice. Each is revoked before the command ends, and each is told to the admins by e-mail, as every token is. While an argument is not known yet, none is generated.`,
  attributes: {
    label: attribute.string({
      required: true,
      description:
        "What the token is for, 1 to 100 printable characters. Where the organization's policy refuses duplicate labels, make it different for each run.",
      validators: validLabel,
    }),
    role: attribute.string({
      optional: true,
      computed: true,
      oneOf: ["developer", "admin"],
      description:
        "`developer` (default) authenticates to services; `admin` may also generate, see and revoke every token of the organization.",
    }),
    description: attribute.string({
      optional: true,
      description: "Free text, at most 1000 characters.",
      validators: validDescription,
    }),
    allowed_networks: attribute.set({
      element: "string",
      optional: true,
      description: "The networks that the token works from, in CIDR notation, at most 20. Default: from everywhere.",
      validators: validNetworks,
    }),
    expires_in: attribute.string({
      optional: true,
      computed: true,
      description: `When the token expires unless it is renewed: ${durationForm}, from \`1m\` to \`24h\`. Default: \`${defaultExpiresIn}\`. It is renewed after a third of it, so a long run needs no long lifetime; what a killed run leaves behind lives no longer.`,
      validators: [duration(60, daySeconds, "from 1m to 24h")],
    }),
    token: attribute.string({ computed: true, sensitive: true, description: "The full token. Secret." }),
    id: attribute.string({ computed: true, description: "Id of the token: 24 hexadecimal characters." }),
    obfuscated_token: attribute.string({
      computed: true,
      description: "The token's first characters and four asterisks, as lists show it.",
    }),
    fingerprint: attribute.string({
      computed: true,
      description: "The first 16 hexadecimal characters of the token's SHA-256. Public.",
    }),
    expires_at: attribute.string({
      computed: true,
      description: "When the token expires unless it is renewed, RFC 3339.",
    }),
    managed_by: attribute.string({
      computed: true,
      nullable: true,
      description: "The provider's `managed_by`; null when it has none.",
    }),
  },
});

type Schema = typeof schema;

/** `ephemeral.orgtokens_api_token`: a short-lived token for this run. */
export const ephemeralApiToken = defineEphemeralResource<Schema, OrgtokensClient>({
  typeName: "orgtokens_api_token",
  schema,
  open: openApiToken,
  renew: renewApiToken,
  close: closeApiToken,
});

/** What is kept between open, renew and close. The secret is not among it. */
const names = { id: "id", lifetimeSeconds: "lifetime_seconds", expiresAt: "expires_at" } as const;

async function openApiToken(request: OpenRequest<Schema, OrgtokensClient>): Promise<Opened<Schema>> {
  const { config, client, privateState, log } = request;
  const expiresIn = config.expires_in ?? defaultExpiresIn;
  const lifetimeSeconds = secondsOf(expiresIn) ?? 0;
  const { token, ...created } = await generate(request, lifetimeSeconds);
  privateState.set(names.id, created.id);
  privateState.set(names.lifetimeSeconds, String(lifetimeSeconds));
  privateState.set(names.expiresAt, expiryOf(created));
  log.info("Generated a token for this run.", { api_token_id: created.id, expires_at: expiryOf(created) });
  return {
    result: {
      label: config.label,
      role: created.role,
      description: config.description,
      allowed_networks: config.allowed_networks,
      expires_in: expiresIn,
      token,
      id: created.id,
      obfuscated_token: created.obfuscatedToken,
      fingerprint: created.fingerprint,
      expires_at: expiryOf(created),
      managed_by: client.managedBy ?? null,
    },
    renewAt: renewalAfter(lifetimeSeconds),
  };
}

async function generate({ config, client, signal }: OpenRequest<Schema, OrgtokensClient>, expiresInSeconds: number) {
  const { label, role, description, allowed_networks: networks } = config;
  try {
    return await client.api.createApiToken(
      {
        label,
        role: role ?? "developer",
        expiresInSeconds,
        ...(description === null ? {} : { description }),
        ...(networks === null ? {} : { allowedNetworks: [...networks] }),
        ...(client.managedBy === undefined ? {} : { managedBy: client.managedBy }),
      },
      { signal },
    );
  } catch (error) {
    const isTooLong = error instanceof ApiError && error.errors[0]?.pointer === "/body/expiresAt";
    if (!isTooLong) throw error;
    const detail = `${error.detail} A token of this organization must expire sooner: ${error.errors[0]?.message} (request ${error.requestId}).`;
    throw new AttributeError(attributePath("expires_in"), "The organization's policy refuses the lifetime", detail, {
      cause: error,
    });
  }
}

/** Moves the expiry ahead. What can succeed later is tried again before the token expires. */
async function renewApiToken(request: RenewRequest<OrgtokensClient>): Promise<Renewed> {
  const { client, privateState, signal, diagnostics, log } = request;
  const id = privateState.get(names.id) ?? "";
  const lifetimeSeconds = Number(privateState.get(names.lifetimeSeconds));
  try {
    const renewed = await client.api.updateApiToken(id, { expiresInSeconds: lifetimeSeconds }, { signal });
    privateState.set(names.expiresAt, expiryOf(renewed));
    log.info("Renewed the token of this run.", { api_token_id: id, expires_at: expiryOf(renewed) });
  } catch (error) {
    const expiresAt = privateState.get(names.expiresAt) ?? "";
    if (isDead(error)) throw died(id, error);
    const next = renewalAfter(lifetimeSeconds);
    const hasTime = client.now().getTime() + (next.getTime() - Date.now()) < Date.parse(expiresAt);
    if (!isRetryable(error) || !hasTime) throw error;
    const detail = `The server could not renew the token ${id} now. It works until ${expiresAt}, and is tried again before.`;
    diagnostics.warn("A token of this run could not be renewed yet", detail);
    return { renewAt: next };
  }
  return { renewAt: renewalAfter(lifetimeSeconds) };
}

function isDead(error: unknown): boolean {
  const codes = ["api_token_revoked", "api_token_expired", "api_token_not_found"];
  return error instanceof ApiError && codes.includes(error.code);
}

function isRetryable(error: unknown): boolean {
  return (error instanceof ApiError || error instanceof ConnectionError) && error.retryable;
}

function died(id: string, cause: unknown): AttributeError {
  const detail = `The token ${id}, which this run had generated for itself, was revoked or has expired while it was in use. What used it may have failed. Run Terraform again.`;
  return new AttributeError(rootPath, "A token of this run is dead", detail, { cause });
}

/** Revokes; a token that is dead already is no failure, nor is one that dies by itself soon. */
async function closeApiToken(request: CloseRequest<OrgtokensClient>): Promise<void> {
  const { client, privateState, signal, diagnostics, log } = request;
  const id = privateState.get(names.id);
  if (id === undefined) return;
  try {
    await revokeConfirmed(client.api, id, { signal });
    log.info("Revoked the token of this run.", { api_token_id: id });
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof ConnectionError)) throw error;
    const detail = `${error.message} The token ${id} expires by itself within ${privateState.get(names.lifetimeSeconds)} seconds. To end it sooner, revoke it on the page.`;
    diagnostics.warn("A token of this run could not be revoked", detail);
  }
}

function renewalAfter(lifetimeSeconds: number): Date {
  return new Date(Date.now() + (lifetimeSeconds * 1000) / renewalsPerLifetime);
}

function expiryOf({ expiresAt }: Pick<ApiToken, "expiresAt">): string {
  if (expiresAt === null) throw new TypeError("The server gave a token without expiry.");
  return expiresAt;
}
