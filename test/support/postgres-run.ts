// Vitest runs this once before and after all tests of the project `postgres`: one cluster serves them all.
import process from "node:process";
import type { TestProject } from "vitest/node";
import { openPostgres } from "../../server/database/postgres.ts";
import { postgresSettings } from "./database.ts";
import { type Cluster, findPostgres, startCluster } from "./postgres-cluster.ts";

/** The name of the database that each test's own is a copy of: it has the tables, and no rows. */
const template = "orgtokens_template";

/** Starts the cluster. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binaries = await findPostgres();
  if (binaries === undefined) {
    process.stdout.write(
      "\nPostgreSQL IS NOT INSTALLED: its tests are skipped. Install Debian's package postgresql, or put initdb on the PATH.\n\n",
    );
    project.provide("database", { dialect: "postgres", binaries: undefined });
    return async () => undefined;
  }
  const cluster = await startCluster({ binaries });
  try {
    await createTemplate(cluster);
  } catch (error) {
    await cluster.close();
    throw error;
  }
  project.provide("database", { dialect: "postgres", binaries, server: cluster.url(""), template });
  return () => cluster.close();
}

async function createTemplate(cluster: Cluster): Promise<void> {
  await cluster.query(`create database ${template}`);
  const options = { url: cluster.url(template), ...postgresSettings, onConnectionLost: () => undefined };
  await (await openPostgres(options)).close();
}
