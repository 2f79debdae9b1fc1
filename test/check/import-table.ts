// Who may import what: the table of ARCHITECTURE.md, in the form the check reads. A new room gets a line here and one there.
import { posix } from "node:path";
import type { Finding } from "./check.ts";
import { listImports, parseSource, type SourceImport } from "./source-imports.ts";
import { readSources, type SourceText } from "./tree.ts";

/** One line of the table. The longest `room` that a file lies in is its room; `*` stands for one folder. */
export interface Room {
  readonly room: string;
  /** Rooms whose files it may import by a relative path; its own always. `*` means every file of the repository. */
  readonly rooms?: readonly string[];
  /** Packages, and entry points of packages, that it may import. `*` means every declared one. */
  readonly packages?: readonly string[];
  /** The same, for types only. */
  readonly types?: readonly string[];
  /** The same, for types and for `import()`: what costs too much, or may be missing, where it is not used. */
  readonly lazy?: readonly string[];
  /** Modules of Node; every one that is not reserved when left out. */
  readonly builtins?: readonly string[];
}

const sdkEntryPoints = [
  "@orgtokens/sdk",
  "@orgtokens/sdk/base-client",
  "@orgtokens/sdk/delivery",
  "@orgtokens/sdk/secret-stores",
];
/** For services that accept tokens. */
const verificationEntryPoints = [
  "@orgtokens/sdk/verification",
  "@orgtokens/sdk/verification/express",
  "@orgtokens/sdk/verification/fastify",
  "@orgtokens/sdk/verification/hono",
  "@orgtokens/sdk/verification/node",
];
/** The official clients of the secret stores. */
const storeClients = [
  "@aws-sdk/client-secrets-manager",
  "@aws-sdk/client-ssm",
  "@aws-sdk/credential-providers",
  "@azure/identity",
  "@azure/keyvault-secrets",
  "@google-cloud/secret-manager",
  "@octokit/auth-app",
  "@octokit/request",
  "google-auth-library",
  "libsodium-wrappers",
  "yaml",
];
const providerEntryPoints = ["@orgtokens/provider", "@orgtokens/provider/serve", "@orgtokens/provider/testing"];
const terraformType: Omit<Room, "room"> = { rooms: ["provider/framework"], packages: sdkEntryPoints, builtins: [] };
/** What is read, opened or computed: stands on what the resources know of tokens, stores and members. Never the reverse. */
const terraformReader: Omit<Room, "room"> = {
  ...terraformType,
  rooms: ["provider/framework", "provider/resources", "provider/secret-stores"],
};
const serverRooms = [
  "server/domain",
  "server/operations",
  "server/http",
  "server/database",
  "server/metrics",
  "server/reference",
  "server/tracing",
];

export const importTable: readonly Room[] = [
  { room: "server/domain", builtins: ["node:crypto", "node:net", "node:zlib"] },
  { room: "server/operations", rooms: ["server/domain"], types: ["@orgtokens/sdk/openapi"], builtins: [] },
  {
    room: "server/http",
    rooms: ["server/domain", "server/operations"],
    packages: ["fastify", "ajv/dist/2020.js", "ajv-formats", "yaml"],
    types: ["@orgtokens/sdk/openapi"],
  },
  { room: "server/web", packages: ["@orgtokens/sdk", "react", "react-dom", "react-dom/client"], builtins: [] },
  { room: "server/build-page.ts", packages: ["vite"] },
  { room: "server/database", rooms: ["server/domain"], packages: ["kysely", "kysely/migration", "pg"] },
  { room: "server/reference", packages: ["yaml"] },
  { room: "server/tracing", rooms: ["server/domain"] },
  { room: "server/metrics", rooms: ["server/domain"] },
  { room: "server/mail", rooms: ["server/domain"], packages: ["nodemailer"] },
  { room: "server/oidc", rooms: ["server/domain"], packages: ["openid-client"], builtins: [] },
  { room: "server/app.ts", rooms: ["server", ...serverRooms], packages: ["fastify"] },
  { room: "server/sign-in-config.ts", rooms: ["server/domain"], packages: ["zod"], builtins: ["node:net"] },
  { room: "server/setting-values.ts", packages: ["zod"], builtins: [] },
  { room: "server/postgres-config.ts", rooms: ["server/setting-values.ts"], packages: ["zod"], builtins: [] },
  {
    room: "server/config.ts",
    rooms: [
      "server/domain",
      "server/mail",
      "server/postgres-config.ts",
      "server/setting-values.ts",
      "server/sign-in-config.ts",
    ],
    packages: ["zod"],
    builtins: [],
  },
  {
    room: "server/main.ts",
    rooms: ["server", "server/app.ts", "server/config.ts", "server/mail", "server/oidc", ...serverRooms],
    packages: ["yargs", "yargs/helpers"],
  },
  { room: "server", rooms: ["server/config.ts", "server/mail", ...serverRooms] },
  // Without modules of Node, because the admin page runs it in a browser.
  { room: "sdk/src", packages: ["openapi-fetch"], builtins: [] },
  { room: "sdk/src/verification", rooms: ["sdk/src"], types: ["fastify", "hono"], builtins: ["node:http"] },
  { room: "sdk/src/delivery", rooms: ["sdk/src", "sdk/src/secret-stores"] },
  { room: "sdk/src/cli", rooms: ["sdk/src", "sdk/src/delivery", "sdk/src/secret-stores"], builtins: [] },
  {
    room: "sdk/src/cli/main.ts",
    rooms: ["sdk/src/cli", "sdk/src/secret-stores"],
    packages: ["yargs", "yargs/helpers"],
  },
  { room: "sdk/src/secret-stores", rooms: ["sdk/src"], lazy: storeClients },
  { room: "sdk/src/secret-stores/conformance", rooms: ["sdk/src/secret-stores"] },
  { room: "provider/framework", builtins: [] },
  { room: "provider/protocol", rooms: ["provider/framework"], packages: ["@msgpack/msgpack"] },
  { room: "provider/testing", rooms: ["provider/framework", "provider/protocol"] },
  { room: "provider/resources", ...terraformType, rooms: ["provider/framework", "provider/secret-stores"] },
  { room: "provider/secret-stores", ...terraformType },
  {
    room: "provider/configuration",
    rooms: ["provider/framework", "provider/resources", "provider/secret-stores"],
    packages: [...sdkEntryPoints, "undici"],
    builtins: ["node:crypto", "node:fs", "node:net"],
  },
  { room: "provider/data-sources", ...terraformReader },
  { room: "provider/ephemeral-resources", ...terraformReader },
  { room: "provider/functions", ...terraformReader },
  // Its package is made of it twice, so it may know one engine only.
  { room: "provider/constructs/source", packages: ["cdktn", "constructs", "@orgtokens/cdktn/bindings"], builtins: [] },
  {
    room: "provider",
    rooms: [
      "provider/framework",
      "provider/protocol",
      "provider/configuration",
      "provider/resources",
      "provider/data-sources",
      "provider/ephemeral-resources",
      "provider/functions",
    ],
    packages: sdkEntryPoints,
  },
  {
    room: "examples/*",
    packages: [
      ...sdkEntryPoints,
      "@orgtokens/sdk/secret-stores/conformance",
      ...verificationEntryPoints,
      ...providerEntryPoints,
      "@orgtokens/cdktf",
      "@orgtokens/cdktn",
      "cdktf",
      "cdktn",
      "constructs",
      "express",
      "fastify",
      "hono",
      "@hono/node-server",
      "@hono/node-server/conninfo",
    ],
  },
  { room: "test", rooms: ["*"], packages: ["*"] },
];

/** Modules of Node that only these rooms may import. */
const reserved: { readonly [module: string]: readonly string[] } = {
  "node:sqlite": ["server/database"],
  "node:http2": ["provider/protocol", "provider/testing"],
  // A secret store can be a program.
  "node:child_process": ["provider/testing", "examples/*", "sdk/src/secret-stores"],
};

/** Holds every import of the hand-written sources against the table. */
export async function checkImports(root: string): Promise<readonly Finding[]> {
  return (await readSources(root)).flatMap((source) => findForbiddenImports(source));
}

/** The imports of one source that the table forbids. */
export function findForbiddenImports(source: SourceText, table: readonly Room[] = importTable): readonly Finding[] {
  const room = roomOf(source.path, table);
  if (room === undefined) return [{ place: source.path, message: "lies in no room of test/check/import-table.ts" }];
  return listImports(parseSource(source)).flatMap((found) => {
    const message = explainForbidden(source.path, room, found, table);
    return message === undefined ? [] : [{ place: `${source.path}:${found.line}`, message }];
  });
}

function roomOf(path: string, table: readonly Room[]): Room | undefined {
  const matching = table.filter(({ room }) => liesIn(path, room));
  return matching.toSorted((left, right) => right.room.length - left.room.length)[0];
}

function liesIn(path: string, room: string): boolean {
  const words = path.split("/");
  return room.split("/").every((word, index) => word === words[index] || (word === "*" && index < words.length - 1));
}

function explainForbidden(path: string, room: Room, found: SourceImport, table: readonly Room[]): string | undefined {
  const { specifier } = found;
  if (specifier === "(computed)") return room.room === "test" ? undefined : "an import must name its module";
  if (found.sideEffectOnly) return `importing ${specifier} for its side effects hides wiring; call a function`;
  if (specifier.startsWith(".")) return explainRelative(path, room, specifier, table);
  if (specifier.startsWith("node:")) return explainBuiltin(room, specifier);
  const packages = [...(room.packages ?? []), ...(found.typeOnly ? (room.types ?? []) : [])];
  if (packages.includes("*") || packages.includes(specifier)) return undefined;
  if (room.lazy?.includes(specifier) === true) {
    const isLazy = found.lazy || found.typeOnly;
    return isLazy
      ? undefined
      : `${room.room} may load ${specifier} when it is needed only: await import(), import type`;
  }
  if (room.types?.includes(specifier) === true)
    return `${room.room} may import types of ${specifier} only: import type`;
  return `${room.room} may not import ${specifier}`;
}

function explainRelative(path: string, room: Room, specifier: string, table: readonly Room[]): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (room.rooms?.includes("*") === true) return undefined;
  const other = roomOf(target, table);
  const sameFolder = !room.room.endsWith("*") || target.startsWith(`${path.split("/").slice(0, 2).join("/")}/`);
  if (other === room && sameFolder) return undefined;
  if (other !== undefined && room.rooms?.includes(other.room) === true) return undefined;
  return `${room.room} may not import ${other === undefined ? target : `from ${other.room}`}`;
}

function explainBuiltin(room: Room, specifier: string): string | undefined {
  if (room.room === "test") return undefined;
  const owners = reserved[specifier];
  if (owners !== undefined && !owners.includes(room.room)) return `only ${owners.join(", ")} may import ${specifier}`;
  const allowed = room.builtins === undefined || room.builtins.includes(specifier);
  return allowed ? undefined : `${room.room} may not import ${specifier}: it takes what it needs as parameters`;
}
