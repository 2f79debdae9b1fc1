import type { ApiToken } from "@orgtokens/sdk";
import { attribute } from "../framework/index.ts";

/** What is known of a token besides its id and label. No attribute holds a secret. */
export const apiTokenAttributes = {
  description: attribute.string({
    computed: true,
    nullable: true,
    description: "Free text, at most 1000 characters; null when there is none.",
  }),
  role: attribute.string({ computed: true, description: "`developer` or `admin`." }),
  status: attribute.string({
    computed: true,
    description:
      "`pending` cannot authenticate yet, `active` can, `revoked` and `expired` never will again. Dead tokens are known for 90 days.",
  }),
  obfuscated_token: attribute.string({
    computed: true,
    description: "The current secret's first characters and four asterisks, as lists show it.",
  }),
  fingerprint: attribute.string({
    computed: true,
    description: "The first 16 hexadecimal characters of the current secret's SHA-256. Public.",
  }),
  destination: attribute.string({
    computed: true,
    nullable: true,
    description:
      "URI of the place where the secret is kept, such as `vault://kv/ci/orgtokens#token`; null when none is known.",
  }),
  managed_by: attribute.string({
    computed: true,
    nullable: true,
    description: "Namespace of the automation that owns the token; null when it has none.",
  }),
  allowed_networks: attribute.list({
    element: "string",
    computed: true,
    description: "The networks that the token works from, in CIDR notation; empty: from everywhere.",
  }),
  created_at: attribute.string({ computed: true, description: "When the token was generated, RFC 3339." }),
  created_by: attribute.string({
    computed: true,
    description: "E-mail address of the user who generated the token, or who generated the token that generated it.",
  }),
  expires_at: attribute.string({
    computed: true,
    nullable: true,
    description: "When the token expires, RFC 3339; null when it never does.",
  }),
  rotated_at: attribute.string({
    computed: true,
    nullable: true,
    description: "When the current secret replaced the one before, RFC 3339; null when it is the first.",
  }),
  revoked_at: attribute.string({
    computed: true,
    nullable: true,
    description: "When the token was revoked, RFC 3339; null when it was not.",
  }),
  last_used_at: attribute.string({
    computed: true,
    nullable: true,
    description:
      "The most recent time that the token authenticated a request, RFC 3339; null when it never did. It changes with every use, so an argument that is made from it has a plan each time.",
  }),
  last_used_ip: attribute.string({
    computed: true,
    nullable: true,
    description: "The address that request came from.",
  }),
};

/** An API answer as those attributes, with id and label. */
export function apiTokenValues(token: ApiToken) {
  return {
    id: token.id,
    label: token.label,
    description: token.description,
    role: token.role,
    status: token.status,
    obfuscated_token: token.obfuscatedToken,
    fingerprint: token.fingerprint,
    destination: token.destination,
    managed_by: token.managedBy,
    allowed_networks: token.allowedNetworks,
    created_at: token.created,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    rotated_at: token.rotatedAt,
    revoked_at: token.revokedAt,
    last_used_at: token.lastUsed,
    last_used_ip: token.lastUsedIp,
  };
}
