import type { RawBuilder, SqlBool } from "kysely";

/** What the migrations say differently in each dialect. */
export type DialectWords = {
  /** The column type that holds milliseconds since 1970. */
  readonly time: RawBuilder<unknown>;
  /** What a table definition ends with. */
  readonly tableEnd: RawBuilder<unknown>;
};

/** A use of a token, as a statement takes it. */
export type UseRow = {
  readonly organization_id: string;
  readonly api_token_id: string;
  readonly used_at: number;
  readonly ip: string | null;
};

/** What the stores say differently in each dialect. */
export type QueryWords = {
  /** Whether a text column is one of `values`: one parameter, so that the statement is the same for any number of them. */
  readonly isOneOf: (column: string, values: readonly string[]) => RawBuilder<SqlBool>;
  /** A table of uses of tokens, as one parameter. */
  readonly usesTable: (uses: readonly UseRow[]) => RawBuilder<UseRow>;
};
