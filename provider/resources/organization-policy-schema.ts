import {
  attribute,
  defineSchema,
  eachString,
  oneOf,
  type StateOf,
  sizeBetween,
  useStateForUnknown,
} from "../framework/index.ts";
import { lifetimeForm, lifetimeValidator, sameLifetime } from "./lifetime.ts";

const leftAsItIs = "Left out, the rule stays as it is.";
const planModifiers = [useStateForUnknown()];

/** The rules of an organization for its tokens. Every rule has a value in state, also those that are not declared. */
export const organizationPolicySchema = defineSchema({
  description:
    "The rules for the API tokens of the organization that the provider's token belongs to. There is exactly one policy, and it always exists: creating this resource sets the rules that are declared and leaves the others as they are. A rule counts for what is done from then on; tokens that exist stay as they are. Declare it once for each organization.",
  attributes: {
    default_lifetime: attribute.string({
      optional: true,
      computed: true,
      description: `How long a token lives whose creation does not say: ${lifetimeForm}. \`unlimited\`: until it is revoked. At most \`maximum_lifetime\`. ${leftAsItIs}`,
      validators: [lifetimeValidator],
      equal: sameLifetime,
      planModifiers,
    }),
    maximum_lifetime: attribute.string({
      optional: true,
      computed: true,
      description: `How far ahead an expiry may lie when it is set: ${lifetimeForm}. \`unlimited\`: a token need not expire. ${leftAsItIs}`,
      validators: [lifetimeValidator],
      equal: sameLifetime,
      planModifiers,
    }),
    token_roles: attribute.set({
      element: "string",
      optional: true,
      computed: true,
      description: `The roles that tokens may be generated with: \`developer\`, \`admin\` or both. ${leftAsItIs}`,
      validators: [sizeBetween(1, 2), eachString(oneOf("developer", "admin"))],
      planModifiers,
    }),
    duplicate_labels: attribute.string({
      optional: true,
      computed: true,
      oneOf: ["warn", "refuse"],
      description: `What happens when a token gets a label that a live token has: \`warn\` allows it with a warning, \`refuse\` does not. ${leftAsItIs}`,
      planModifiers,
    }),
    label_confirmation: attribute.string({
      optional: true,
      computed: true,
      oneOf: ["optional", "required"],
      description: `Whether a revocation must name the token's label, as the page and the API ask for it. Terraform names the labels of the tokens that it destroys. ${leftAsItIs}`,
      planModifiers,
    }),
    tokens_may_generate: attribute.bool({
      optional: true,
      computed: true,
      description: `Whether Admin tokens may generate tokens and make people admins. With \`false\`, only signed-in admins may: Terraform itself then can neither create \`orgtokens_api_token\` nor set this to \`true\` again. ${leftAsItIs}`,
      planModifiers,
    }),
    on_leak: attribute.string({
      optional: true,
      computed: true,
      oneOf: ["notify", "revoke"],
      description: `What happens to a live token that is reported as leaked, beside an e-mail to all admins: \`notify\` nothing more, \`revoke\` revokes it. ${leftAsItIs}`,
      planModifiers,
    }),
    on_destroy: attribute.string({
      optional: true,
      default: "keep",
      oneOf: ["keep", "reset"],
      description:
        "What destroying does, for a policy cannot be deleted: `keep` (default) leaves all rules as they are, `reset` gives each the value that a new organization has. Only a signed-in admin can reset `tokens_may_generate`.",
    }),
    id: attribute.string({
      computed: true,
      description: "Id of the organization: 24 hexadecimal characters. Use it to import.",
      planModifiers,
    }),
  },
});

/** The state of a policy. */
export type OrganizationPolicyState = StateOf<typeof organizationPolicySchema>;
