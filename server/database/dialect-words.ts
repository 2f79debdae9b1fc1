import type { RawBuilder } from "kysely";

/** What the migrations say differently in each dialect. */
export type DialectWords = {
  /** The column type that holds milliseconds since 1970. */
  readonly time: RawBuilder<unknown>;
  /** What a table definition ends with. */
  readonly tableEnd: RawBuilder<unknown>;
};
