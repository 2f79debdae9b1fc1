import type { GoogleAccess } from "@orgtokens/sdk/secret-stores";
import { attribute, durationBetween, lengthBetween, parseDurationMs, pattern } from "../framework/index.ts";
import { type Members, memberOf, type StoreKind, textsOf } from "./store-kind.ts";
import { noControlCharacters } from "./texts.ts";

/** Where a secret of Google Secret Manager is. */
export const googleAttributes = {
  project: attribute.string({
    required: true,
    description: "Id of the project, such as `my-project`.",
    validators: [pattern(/^(?:[a-z0-9.-]{1,63}:)?[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/, "be the id of a project")],
  }),
  secret: attribute.string({
    required: true,
    description:
      "Name of the secret. It is created when there is none; one that you prepared keeps its settings, and stays when the token is destroyed.",
    validators: [pattern(/^[A-Za-z0-9_-]{1,255}$/, "have 1 to 255 letters, digits, hyphens and underscores")],
  }),
  location: attribute.string({
    optional: true,
    description: "Region of a regional secret, such as `europe-west1`. Default: a global secret.",
    validators: [pattern(/^[a-z0-9-]{1,63}$/, "be the name of a region")],
  }),
};

/** A secret of Google Secret Manager. */
export const googlePlace = attribute.single({
  optional: true,
  description:
    "Google Secret Manager. Each secret is a new version; its metadata is in annotations. Credentials come from `secret_stores.google_secret_manager` of the provider, or from Google's application default credentials.",
  attributes: googleAttributes,
});

/** How Google Secret Manager is reached. */
export const googleAccess = attribute.single({
  optional: true,
  description: "Google Secret Manager.",
  attributes: {
    credentials: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "JSON text of a service account's key, or of a workload identity federation's configuration. Default: Google's application default credentials, such as `GOOGLE_APPLICATION_CREDENTIALS` names.",
      validators: [lengthBetween(1, 16_384)],
    }),
    access_token: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "An access token of OAuth 2.0, instead of `credentials`. It is not renewed. Or `GOOGLE_OAUTH_ACCESS_TOKEN`.",
      validators: [pattern(/^[!-~]{1,8192}$/, "be printable characters without spaces")],
    }),
    impersonate_service_account: attribute.string({
      optional: true,
      description:
        "E-mail address of a service account that the credentials are exchanged for. They need `iam.serviceAccounts.getAccessToken` on it. Or `GOOGLE_IMPERSONATE_SERVICE_ACCOUNT`.",
      validators: [pattern(/^[a-z0-9.-]{1,100}@[a-z0-9.-]{1,200}$/, "be the e-mail address of a service account")],
    }),
    endpoint: attribute.string({
      optional: true,
      description:
        "Host, or host and port, of a private endpoint. Or `GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT`, which may be a URL. Default: Google's, or that of the secret's region.",
      validators: [pattern(/^[a-z0-9.-]{1,253}(:\d{1,5})?$/i, "be a host, or a host and a port")],
    }),
    replica_locations: attribute.string({
      optional: true,
      description:
        "Locations that new secrets are replicated to, with commas between. Or `ORGTOKENS_GOOGLE_REPLICA_LOCATIONS`. Default: where Google chooses.",
      validators: [pattern(/^[a-z0-9-]+(,[a-z0-9-]+)*$/, "be names of locations with commas between")],
    }),
    kms_key_name: attribute.string({
      optional: true,
      description:
        "Key of Cloud KMS that encrypts new secrets. `{location}` in it stands for the location of each replica. Or `ORGTOKENS_GOOGLE_KMS_KEY_NAME`. Default: Google's own key.",
      validators: [lengthBetween(1, 400), noControlCharacters],
    }),
    destroy_old_versions_after: attribute.string({
      optional: true,
      description:
        "How long a version that was replaced is kept, such as `48h`: no shorter than `rotation_grace_period`. The next rotation after that disables it, the one after destroys it. Or `ORGTOKENS_GOOGLE_DESTROY_OLD_VERSIONS_AFTER_HOURS`, a number. Default: it is kept.",
      validators: [durationBetween("1h", "8760h")],
    }),
  },
});

export const googleKind: StoreKind = {
  placeAttributes: googleAttributes,
  toPlace: (members) => {
    const location = members["location"] ?? null;
    const place = { project: memberOf(members, "project"), secret: memberOf(members, "secret") };
    return { googleSecretManager: location === null ? place : { ...place, location } };
  },
  toMembers: (place) => ("googleSecretManager" in place ? { location: null, ...place.googleSecretManager } : undefined),
  toAccess: (configured) => ({ googleSecretManager: toGoogleAccess(configured) }),
};

function toGoogleAccess(configured: Members): GoogleAccess {
  const locations = configured["replica_locations"] ?? null;
  const keptMs = parseDurationMs(configured["destroy_old_versions_after"] ?? "");
  return {
    ...textsOf(configured, names),
    ...(locations === null ? {} : { replicaLocations: locations.split(",") }),
    ...(keptMs === undefined ? {} : { destroyOldVersionsAfterMs: keptMs }),
  };
}

const names = {
  credentials: "credentials",
  accessToken: "access_token",
  impersonateServiceAccount: "impersonate_service_account",
  endpoint: "endpoint",
  kmsKeyName: "kms_key_name",
} as const satisfies { readonly [Name in keyof GoogleAccess]?: string };
