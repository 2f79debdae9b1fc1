import type { Client, User } from "../client.ts";
import { iterateUsers } from "../iterate-users.ts";
import { UsageError } from "./exit-code.ts";

/**
 * The user that an argument names, by id or e-mail address.
 * @throws UsageError when nobody has the address; ApiError, ConnectionError
 */
export async function findMember(client: Client, named: string, signal: AbortSignal): Promise<User> {
  if (/^[0-9a-f]{24}$/.test(named)) return client.getUser(named, { signal });
  for await (const user of iterateUsers(client, { signal }))
    if (user.email.toLowerCase() === named.toLowerCase()) return user;
  throw new UsageError(`Nobody in the organization has the address ${JSON.stringify(named)}.`);
}
