import type { Kysely } from "kysely";
import type { AlarmStore } from "../domain/stores.ts";
import type { Tables } from "./schema.ts";

/** Which alarms were raised, in the database. */
export function createAlarmStore(database: Kysely<Tables>): AlarmStore {
  return {
    async raiseAlarm(organizationId, { kind, apiTokenId, hour }) {
      const row = await database
        .insertInto("alarms")
        .values({ organization_id: organizationId, kind, api_token_id: apiTokenId, hour })
        .onConflict((conflict) => conflict.doNothing())
        .returning("hour")
        .executeTakeFirst();
      return row !== undefined;
    },
    async deleteAlarms(beforeHour) {
      const { numDeletedRows } = await database
        .deleteFrom("alarms")
        .where("hour", "<", beforeHour)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  };
}
