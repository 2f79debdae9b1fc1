import { type ApiTokenId, type MailId, parseId } from "../domain/ids.ts";
import type { ListedMail } from "../domain/mail.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { getExisting } from "./existing-api-token.ts";
import type { Operation, Schema } from "./operation.ts";

const defaultLimit = 50;

/** Lists what became of the mail about a token, newest first. */
export const listApiTokenMail: Operation<"listApiTokenMail", AdminPrincipal> = async (services, call) => {
  const { principal, path, query } = call;
  const { stores } = services.database;
  const { organizationId } = principal;
  const { token } = await getExisting(stores, organizationId, parseId<ApiTokenId>(path.id), services.clock.now());
  const limit = query.limit ?? defaultLimit;
  // One more than asked for tells whether there is a next page.
  const found = await stores.mail.listApiTokenMail(organizationId, token.id, {
    limit: limit + 1,
    ...(query.cursor === undefined ? {} : { after: parseId<MailId>(query.cursor) }),
  });
  const shown = found.slice(0, limit);
  return { mail: shown.map(mailAnswer), nextCursor: found.length > limit ? (shown.at(-1)?.id ?? null) : null };
};

function mailAnswer(mail: ListedMail): Schema<"Mail"> {
  return {
    id: mail.id,
    kind: mail.kind,
    recipient: mail.recipient,
    status: mail.status,
    attempts: mail.attempts,
    lastError: mail.lastError,
    created: mail.createdAt.toISOString(),
    finished: mail.finishedAt?.toISOString() ?? null,
  };
}
