import type { ApiToken } from "@orgtokens/sdk";
import {
  AttributeError,
  attribute,
  attributePath,
  defineDataSource,
  defineSchema,
  exactlyOneOf,
  lengthBetween,
  pattern,
  type ReadDataSourceHandlerRequest,
  type StateOf,
} from "../framework/index.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";
import { apiTokenAttributes, apiTokenValues } from "./api-token-attributes.ts";

const schema = defineSchema({
  description:
    "An API token of the organization, by its id or by its label: everything the organization's list shows of it. The secret is not among it; `orgtokens_stored_secret` reads that from its store.",
  attributes: {
    id: attribute.string({
      optional: true,
      computed: true,
      description:
        "Id of the token: 24 hexadecimal characters. Tokens of every status are found by it, until 90 days after they died. Exactly one of `id` and `label`.",
      validators: [pattern(/^[0-9a-f]{24}$/, "be 24 lower-case hexadecimal characters")],
    }),
    label: attribute.string({
      optional: true,
      computed: true,
      description:
        "Label of the token, 1 to 100 characters, exactly as it is. Live tokens (pending and active) are found by it; one that several have is an error, which lists their ids. Exactly one of `id` and `label`.",
      validators: [lengthBetween(1, 100)],
    }),
    ...apiTokenAttributes,
  },
  validators: [exactlyOneOf("id", "label")],
});

/** How many tokens of one label an error lists. */
const maxListed = 10;

/** `data.orgtokens_api_token`: one token, by id or label. */
export const apiTokenDataSource = defineDataSource<typeof schema, OrgtokensClient>({
  typeName: "orgtokens_api_token",
  schema,
  read: readApiTokenDataSource,
});

type Request = ReadDataSourceHandlerRequest<typeof schema, OrgtokensClient>;

async function readApiTokenDataSource(request: Request): Promise<StateOf<typeof schema>> {
  const { id, label } = request.config;
  return apiTokenValues(id === null ? await findByLabel(request, label ?? "") : await findById(request, id));
}

async function findById({ client, signal }: Request, id: string): Promise<ApiToken> {
  const token = await client.tokens.find(id, { signal });
  if (token !== undefined) return token;
  const detail = `The organization has no token with the id ${id}, or had one that died more than 90 days ago. Check the id, and that the provider's token is of the right organization.`;
  throw new AttributeError(attributePath("id"), "There is no such API token", detail);
}

async function findByLabel({ client, signal }: Request, label: string): Promise<ApiToken> {
  const { tokens, total } = await client.api.listApiTokens({ label, status: "live", limit: maxListed }, { signal });
  const [token, ...others] = tokens;
  if (token === undefined) {
    const detail = `No live token of the organization has the label "${label}". Labels are compared exactly. A dead token is found by its id.`;
    throw new AttributeError(attributePath("label"), "There is no such API token", detail);
  }
  if (others.length === 0) return token;
  const listed = tokens.map(({ id, obfuscatedToken }) => `${id} (${obfuscatedToken})`).join(", ");
  const more = total > tokens.length ? ` and ${total - tokens.length} more` : "";
  const detail = `${total} live tokens have the label "${label}": ${listed}${more}. Set "id" to the one that is meant.`;
  throw new AttributeError(attributePath("label"), "The label is ambiguous", detail);
}
