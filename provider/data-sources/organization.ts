import { attribute, defineDataSource, defineSchema } from "../framework/index.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";

const schema = defineSchema({
  description: "The organization that the provider's token belongs to.",
  attributes: {
    id: attribute.string({ computed: true, description: "Id of the organization: 24 hexadecimal characters." }),
    name: attribute.string({ computed: true, description: "Its name, as it was given when it was created." }),
    created_at: attribute.string({ computed: true, description: "When it was created, RFC 3339." }),
  },
});

/** `data.orgtokens_organization`: whose tokens these are. */
export const organizationDataSource = defineDataSource<typeof schema, OrgtokensClient>({
  typeName: "orgtokens_organization",
  schema,
  async read({ client, signal }) {
    const { id, name, created } = await client.api.getOrganization({ signal });
    return { id, name, created_at: created };
  },
});
