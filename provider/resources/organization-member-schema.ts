import {
  attribute,
  defineSchema,
  lengthBetween,
  pattern,
  requiresReplace,
  type StateOf,
  useStateForUnknown,
} from "../framework/index.ts";
import { sameEmail } from "./email.ts";

/** Somebody who may sign in to the organization. */
export const organizationMemberSchema = defineSchema({
  description:
    "Somebody who may sign in to the organization. Creating it mails an invitation, whose link signs in once, within 7 days; the person counts as a member from then on. Destroying it removes the person: sessions and links end at once, and the tokens that the person generated keep working, because tokens belong to the organization. The last admin can be neither removed nor made a developer.",
  attributes: {
    email: attribute.string({
      required: true,
      description:
        "E-mail address, 3 to 254 characters. Capital and small letters make no difference. Another address is another person: changing it replaces the member.",
      validators: [
        lengthBetween(3, 254),
        pattern(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, "be an e-mail address, such as ada@example.com"),
      ],
      equal: sameEmail,
      planModifiers: [requiresReplace()],
    }),
    role: attribute.string({
      required: true,
      oneOf: ["developer", "admin"],
      description:
        "`admin` may do everything in the organization; `developer` sees only its own account. Changed in place; it counts from the person's next request on. Where the policy says `tokens_may_generate = false`, Terraform can make nobody an admin.",
    }),
    id: attribute.string({
      computed: true,
      description: "Id of the user: 24 hexadecimal characters. Import by it, or by the address.",
      planModifiers: [useStateForUnknown()],
    }),
    status: attribute.string({
      computed: true,
      description: "`invited` until the person has signed in once, then `active`.",
    }),
    created_at: attribute.string({
      computed: true,
      description: "When the person was first invited, RFC 3339.",
      planModifiers: [useStateForUnknown()],
    }),
    invited_by: attribute.string({
      computed: true,
      nullable: true,
      description:
        "E-mail address of the admin behind the token that invited; null for the organization's first admin.",
      planModifiers: [useStateForUnknown()],
    }),
    last_signed_in_at: attribute.string({
      computed: true,
      nullable: true,
      description: "When the person last signed in, RFC 3339; null when that never happened.",
    }),
  },
});

/** The state of a member. */
export type OrganizationMemberState = StateOf<typeof organizationMemberSchema>;
