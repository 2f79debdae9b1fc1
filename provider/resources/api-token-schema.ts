import {
  attribute,
  conflicting,
  defineSchema,
  instant,
  requiresReplace,
  type StateOf,
  useStateForUnknown,
} from "../framework/index.ts";
import { secretStoreAttribute } from "../secret-stores/secret-store.ts";
import { validDescription, validLabel, validNetworks } from "./api-token-validators.ts";
import { duration, durationForm, sameDuration } from "./duration.ts";
import { isSameInstant } from "./instant.ts";

const tenYearsSeconds = 315_360_000;
const thirtyDaysSeconds = 2_592_000;

/** What a practitioner declares of a token, and what is known of it. No attribute ever holds the secret. */
export const apiTokenSchema = defineSchema({
  version: 1,
  validators: [conflicting("expires_in", "expires_at")],
  description:
    "An API token of the organization. Creating it writes its secret into a secret store, and nowhere else: not into state, plan or logs. Destroying it revokes it.",
  attributes: {
    label: attribute.string({
      required: true,
      description: "What the token is for, 1 to 100 printable characters. Lists, logs and e-mails show it.",
      validators: validLabel,
    }),
    description: attribute.string({
      optional: true,
      description: "Free text, at most 1000 characters.",
      validators: validDescription,
    }),
    role: attribute.string({
      required: true,
      oneOf: ["developer", "admin"],
      description:
        "`developer` authenticates to services; `admin` may also generate, see and revoke every token of the organization. Grant the least that suffices. Changing it replaces the token.",
      planModifiers: [requiresReplace()],
    }),
    secret_store: secretStoreAttribute,
    allowed_networks: attribute.set({
      element: "string",
      optional: true,
      description:
        "The networks that the token works from, in CIDR notation, such as `192.0.2.0/24`; at most 20. Default: from everywhere.",
      validators: validNetworks,
    }),
    expires_in: attribute.string({
      optional: true,
      description: `How long a secret lives, counted from its creation, its rotation or a change of this value: ${durationForm}. At most 3650 days. Excludes \`expires_at\`. Default: for ever, or what the organization's policy says.`,
      validators: [duration(1, tenYearsSeconds, "from 1s to 3650d")],
      equal: sameDuration,
    }),
    expires_at: attribute.string({
      optional: true,
      computed: true,
      nullable: true,
      description:
        "When the token expires, RFC 3339, such as `2027-01-31T12:00:00Z`; null when it never does. Excludes `expires_in`. Left out, an expiry that was set elsewhere stays.",
      validators: [instant()],
      equal: isSameInstant,
      planModifiers: [useStateForUnknown()],
    }),
    rotate_after: attribute.string({
      optional: true,
      description: `How old a secret gets: ${durationForm}. The first plan after that rotates the token in place, and says so. Must be shorter than \`expires_in\`. Default: for ever.`,
      validators: [duration(1, tenYearsSeconds, "from 1s to 3650d")],
      equal: sameDuration,
    }),
    rotate_when_changed: attribute.map({
      element: "string",
      optional: true,
      description:
        "Any values; when one changes, the token gets a new secret, which is written to the store. The secret before works on for `rotation_grace_period`. Setting them for the first time rotates nothing.",
    }),
    rotation_grace_period: attribute.string({
      optional: true,
      default: "24h",
      description: `How long the secret before a rotation works on: ${durationForm}. From \`0s\` to \`30d\`. Default: \`24h\`.`,
      validators: [duration(0, thirtyDaysSeconds, "from 0s to 30d")],
      equal: sameDuration,
    }),
    on_destroy: attribute.string({
      optional: true,
      default: "revoke_and_delete",
      oneOf: ["revoke_and_delete", "revoke_and_keep"],
      description:
        "What destroying does beside revoking the token: `revoke_and_delete` (default) deletes the entry of the secret store if its metadata still names this token, `revoke_and_keep` leaves it.",
    }),
    prevent_revoke: attribute.bool({
      optional: true,
      default: false,
      description:
        "Refuses every plan that would revoke the live token: its destruction and its replacement. To revoke it after all, apply `false` first. Default: `false`.",
    }),
    id: attribute.string({
      computed: true,
      description: "Id of the token: 24 hexadecimal characters. Use it to import.",
      planModifiers: [useStateForUnknown()],
    }),
    obfuscated_token: attribute.string({
      computed: true,
      description: "The secret's first characters and four asterisks, as lists show it.",
      planModifiers: [useStateForUnknown()],
    }),
    fingerprint: attribute.string({
      computed: true,
      description: "The first 16 hexadecimal characters of the secret's SHA-256. Public; tells which secret is meant.",
      planModifiers: [useStateForUnknown()],
    }),
    stored_fingerprint: attribute.string({
      computed: true,
      nullable: true,
      description:
        "The fingerprint that the secret store's metadata names; null when the entry is missing or was overwritten. A difference from `fingerprint` plans a rotation.",
      planModifiers: [useStateForUnknown()],
    }),
    store_version: attribute.string({
      computed: true,
      nullable: true,
      description: "The version of the entry in the secret store, where the store has versions.",
      planModifiers: [useStateForUnknown()],
    }),
    destination: attribute.string({
      computed: true,
      nullable: true,
      description: "URI of the place in the secret store, such as `vault://kv/ci/orgtokens#token`.",
      planModifiers: [useStateForUnknown()],
    }),
    status: attribute.string({
      computed: true,
      description: "`active`; a token that was revoked or has expired outside of Terraform is replaced.",
      planModifiers: [useStateForUnknown()],
    }),
    managed_by: attribute.string({
      computed: true,
      nullable: true,
      description: "The provider's `managed_by` at the time the token was created.",
      planModifiers: [useStateForUnknown()],
    }),
    created_at: attribute.string({
      computed: true,
      description: "When the token was created, RFC 3339.",
      planModifiers: [useStateForUnknown()],
    }),
    created_by: attribute.string({
      computed: true,
      description: "E-mail address of the admin behind the token that created it.",
      planModifiers: [useStateForUnknown()],
    }),
    rotation_due_at: attribute.string({
      computed: true,
      nullable: true,
      description: "When the secret is as old as `rotate_after` allows, RFC 3339; null without `rotate_after`.",
      planModifiers: [useStateForUnknown()],
    }),
    organization_id: attribute.string({
      computed: true,
      description: "Id of the organization that the token belongs to.",
      planModifiers: [useStateForUnknown()],
    }),
    rotated_at: attribute.string({
      computed: true,
      nullable: true,
      description: "When the current secret replaced the one before, RFC 3339; null when it is the first.",
      planModifiers: [useStateForUnknown()],
    }),
  },
});

/** The state of a token. */
export type ApiTokenState = StateOf<typeof apiTokenSchema>;
