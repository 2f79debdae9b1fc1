import { iterateUsers, type User } from "@orgtokens/sdk";
import {
  attribute,
  defineDataSource,
  defineSchema,
  type KnownConfigOf,
  lengthBetween,
  type ReadDataSourceHandlerRequest,
  type StateOf,
} from "../framework/index.ts";
import { sameEmail } from "../resources/email.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";
import { collect, maxItems } from "./collect.ts";

const schema = defineSchema({
  description: `The people who may sign in to the organization, newest first: all pages, at most ${maxItems}. All of them are read, whatever the filters.`,
  attributes: {
    email: attribute.string({
      optional: true,
      description: "Only the user with this e-mail address. Capital and small letters make no difference.",
      validators: [lengthBetween(3, 254)],
    }),
    role: attribute.string({ optional: true, oneOf: ["developer", "admin"], description: "Only users of this role." }),
    status: attribute.string({
      optional: true,
      oneOf: ["invited", "active"],
      description: "Only users who have never signed in (`invited`), or who have (`active`).",
    }),
    users: attribute.nestedList({
      computed: true,
      description: "The users, newest first.",
      attributes: {
        id: attribute.string({ computed: true, description: "Id of the user: 24 hexadecimal characters." }),
        email: attribute.string({ computed: true, description: "E-mail address, in small letters." }),
        role: attribute.string({ computed: true, description: "`developer` or `admin`." }),
        status: attribute.string({
          computed: true,
          description: "`invited` until the user has signed in once, then `active`.",
        }),
        created_at: attribute.string({ computed: true, description: "When the user was first invited, RFC 3339." }),
        invited_by: attribute.string({
          computed: true,
          nullable: true,
          description: "E-mail address of who invited the user; null for the organization's first admin.",
        }),
        last_signed_in_at: attribute.string({
          computed: true,
          nullable: true,
          description: "When the user last signed in, RFC 3339; null when that never happened.",
        }),
      },
    }),
  },
});

/** `data.orgtokens_users`: the people of the organization. */
export const usersDataSource = defineDataSource<typeof schema, OrgtokensClient>({
  typeName: "orgtokens_users",
  schema,
  read: readUsers,
});

async function readUsers(
  request: ReadDataSourceHandlerRequest<typeof schema, OrgtokensClient>,
): Promise<StateOf<typeof schema>> {
  const { config, client, signal, log } = request;
  const accepts = (user: User): boolean => fits(config, user);
  const users = await collect(iterateUsers(client.api, { signal }), { what: "users", log, accepts });
  return { ...config, users: users.map(userValues) };
}

function fits({ email, role, status }: KnownConfigOf<typeof schema>, user: User): boolean {
  if (email !== null && !sameEmail(email, user.email)) return false;
  return (role === null || role === user.role) && (status === null || status === user.status);
}

function userValues({ id, email, role, status, created, invitedBy, lastSignedIn }: User) {
  return {
    id,
    email,
    role,
    status,
    created_at: created,
    invited_by: invitedBy,
    last_signed_in_at: lastSignedIn,
  };
}
