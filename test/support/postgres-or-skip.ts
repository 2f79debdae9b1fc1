import { beforeEach, inject } from "vitest";

/** Every test of the project `postgres` passes by here. In CI the reporter makes a failure of a skip. */
beforeEach(({ skip }) => {
  const database = inject("database");
  skip(database.dialect === "postgres" && database.binaries === undefined, "PostgreSQL is not installed");
});
