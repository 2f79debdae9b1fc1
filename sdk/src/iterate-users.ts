import type { CallOptions, Client, User } from "./client.ts";

/** How many users one request asks for. */
const pageSize = 100;

/**
 * Walks over all users of the organization, newest first, a page at a time. People who are invited meanwhile make it neither skip
 * nor repeat one.
 *
 * @param call applies to each request; its deadline too.
 */
export async function* iterateUsers(
  client: Pick<Client, "listUsers">,
  call?: CallOptions,
): AsyncGenerator<User, void, undefined> {
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = await client.listUsers({ limit: pageSize, ...(cursor === undefined ? {} : { cursor }) }, call);
    yield* page.users;
    cursor = page.nextCursor;
  }
}
