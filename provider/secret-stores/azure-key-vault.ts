import type { AzureAccess } from "@orgtokens/sdk/secret-stores";
import { attribute, durationBetween, lengthBetween, parseDurationMs, pattern } from "../framework/index.ts";
import { type Members, memberOf, type StoreKind, textsOf } from "./store-kind.ts";
import { noControlCharacters } from "./texts.ts";

/** Where a secret of Azure Key Vault is. */
export const azureAttributes = {
  vault: attribute.string({
    required: true,
    description:
      "Name of the vault, such as `my-vault`, or its host in another cloud of Azure, `my-vault.vault.azure.cn` or `my-vault.vault.usgovcloudapi.net`. In lower case: Azure makes no difference.",
    validators: [
      pattern(
        /^[a-z][a-z0-9-]{1,22}[a-z0-9](?:\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net))?$/,
        "be the name or the host of a vault, in lower case",
      ),
    ],
  }),
  secret: attribute.string({
    required: true,
    description:
      "Name of the secret. It is created when there is none; one that was deleted with a token's secret in it is recovered. In lower case: Azure makes no difference.",
    validators: [pattern(/^[a-z0-9-]{1,127}$/, "have 1 to 127 lower-case letters, digits and hyphens")],
  }),
};

/** A secret of Azure Key Vault. */
export const azurePlace = attribute.single({
  optional: true,
  description:
    "Azure Key Vault. Each secret is a new version; its metadata is in the version's tags, and its expiry date is the token's. Credentials come from `secret_stores.azure` of the provider, or are found as every tool of Azure finds them.",
  attributes: azureAttributes,
});

const text = [lengthBetween(1, 1024), noControlCharacters];

/** As whom Azure Key Vault is reached. */
export const azureAccess = attribute.single({
  optional: true,
  description:
    "Azure Key Vault. What is left out is found as every tool of Azure finds it: environment, workload identity, managed identity, Azure CLI; and where Azure's own Terraform provider finds it, in `ARM_CLIENT_ID` and its like.",
  attributes: {
    tenant_id: attribute.string({
      optional: true,
      description: "The tenant of Microsoft Entra ID. Or `AZURE_TENANT_ID`.",
      validators: [pattern(/^[0-9a-z][0-9a-z.-]{0,252}$/i, "be a UUID or a domain")],
    }),
    client_id: attribute.string({
      optional: true,
      description:
        "The application. Or `AZURE_CLIENT_ID`. Without a secret, a certificate or a token: the managed identity that is assigned by a user.",
      validators: text,
    }),
    client_secret: attribute.string({
      optional: true,
      sensitive: true,
      description: "Secret of the application. Or `AZURE_CLIENT_SECRET`.",
      validators: [lengthBetween(1, 1024)],
    }),
    client_certificate_path: attribute.string({
      optional: true,
      description:
        "File with the application's certificate and its private key: PEM, not encrypted. Or `AZURE_CLIENT_CERTIFICATE_PATH`.",
      validators: text,
    }),
    federated_token_file: attribute.string({
      optional: true,
      description:
        "File with a token of another issuer that the application trusts, such as GitHub's or a cluster's. It is read again for each token. Or `AZURE_FEDERATED_TOKEN_FILE`.",
      validators: text,
    }),
    authority_host: attribute.string({
      optional: true,
      description: "URL of Microsoft Entra ID. Or `AZURE_AUTHORITY_HOST`. Default: that of the vault's cloud.",
      validators: [pattern(/^https:\/\/[^\s/@]+\/?$/, "be an https URL without a path")],
    }),
    disable_old_versions_after: attribute.string({
      optional: true,
      description:
        "How long a version that was replaced stays enabled, such as `48h`: no shorter than `rotation_grace_period`. The next rotation after that disables it. Or `ORGTOKENS_AZURE_DISABLE_OLD_VERSIONS_AFTER_HOURS`, a number. Default: it stays enabled.",
      validators: [durationBetween("1h", "8760h")],
    }),
  },
});

export const azureKind: StoreKind = {
  accessName: "azure",
  placeAttributes: azureAttributes,
  toPlace: (members) => ({
    azureKeyVault: { vault: memberOf(members, "vault"), secret: memberOf(members, "secret") },
  }),
  toMembers: (place) => ("azureKeyVault" in place ? { ...place.azureKeyVault } : undefined),
  toAccess: (configured) => ({ azureKeyVault: toAzureAccess(configured) }),
};

function toAzureAccess(configured: Members): AzureAccess {
  const enabledMs = parseDurationMs(configured["disable_old_versions_after"] ?? "");
  return {
    ...textsOf(configured, names),
    ...(enabledMs === undefined ? {} : { disableOldVersionsAfterMs: enabledMs }),
  };
}

const names = {
  tenantId: "tenant_id",
  clientId: "client_id",
  clientSecret: "client_secret",
  clientCertificatePath: "client_certificate_path",
  federatedTokenFile: "federated_token_file",
  authorityHost: "authority_host",
} as const satisfies { readonly [Name in keyof AzureAccess]?: string };
