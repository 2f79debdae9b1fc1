/** Laws that the URIs of places obey, for every kind of store there is and for whatever names people and attackers think of. */
import { resolve } from "node:path";
import {
  destinationOf,
  openSecretStore,
  parseDestination,
  type SecretStore,
  SecretStoreError,
  type SecretStorePlace,
} from "@orgtokens/sdk/secret-stores";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { type StoreKindName, storeKindNames, storeKinds } from "../../../provider/secret-stores/secret-store.ts";

// Hundreds of places each, on machines that are busy.
vi.setConfig({ testTimeout: 60_000 });

// The same in each run: what a run of CI finds, everybody finds again. To search for more, take the seed out and raise `numRuns`.
fc.configureGlobal({ seed: 6 });

const canary = "canary-0123456789";

/** Enough for every store to be opened; none is connected to. */
const environment = {
  VAULT_ADDR: "http://127.0.0.1:1",
  VAULT_TOKEN: canary,
  KUBE_HOST: "https://127.0.0.1:1",
  KUBE_TOKEN: canary,
  GITHUB_TOKEN: canary,
  ORGTOKENS_PROGRAMS_FILE: "/nowhere.json",
};

/** Characters that mean something in a URI, a path, a shell, or to whoever decodes twice. */
const hostile = fc.constantFrom(
  ..."/#?%&=+:;@.~-_ \\\"'`|<>{}[]()!$*,^\t\n\0\u007f\u0085é鍵🔑\ud800",
  "..",
  "%2F",
  "%23",
  "%zz",
  "//",
);
const ordinary = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}[a-z0-9]$/);
const part = fc.oneof(
  { weight: 8, arbitrary: ordinary },
  { weight: 2, arbitrary: fc.array(ordinary, { minLength: 2, maxLength: 4 }).map((names) => names.join("/")) },
  { weight: 3, arbitrary: fc.array(fc.oneof(ordinary, hostile), { maxLength: 8 }).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "a/../b", "/absolute", "trailing/", "eu-central-1", "UPPER", "__proto__"),
  },
);

/** Of members that take few texts, some of these, so that not nearly every place is refused. */
const regions = { region: ["eu-central-1", "us-east-1"] };
const usualTexts: { readonly [Kind in StoreKindName]?: Readonly<Record<string, readonly string[]>> } = {
  aws_secrets_manager: regions,
  aws_ssm: regions,
  github_actions: {
    owner: ["octo-org", "Octo-Org"],
    repository: ["tools", "Web.Site"],
    name: ["CI_TOKEN", "deploy_token"],
    visibility: ["all", "private", "selected"],
    selected_repository_ids: ["1", "1,2"],
  },
};

/** Members of a place: any texts at all; left out where that is possible. */
function membersOf(kind: StoreKindName) {
  const attributes = Object.entries(storeKinds[kind].placeAttributes);
  const of = attributes.map(([name, { required }]) => {
    const usual = usualTexts[kind]?.[name];
    const text = usual === undefined ? part : fc.oneof(fc.constantFrom(...usual), part);
    // Of GitHub's, each excludes others, so that as many are left out as are there.
    return [name, required ? text : fc.option(text, { freq: kind === "github_actions" ? 1 : 5 })] as const;
  });
  return fc.record(Object.fromEntries(of));
}

const placeOf = (kind: StoreKindName) => membersOf(kind).map((members) => storeKinds[kind].toPlace(members));

/** The store of a place; undefined when the place is refused, as only a SecretStoreError may say. */
function open(place: SecretStorePlace): SecretStore | undefined {
  try {
    return openSecretStore(place, { environment });
  } catch (error) {
    expect(error).toBeInstanceOf(SecretStoreError);
    expect(error).toMatchObject({ code: "secret_store_invalid_argument" });
    return undefined;
  }
}

/** A place without the freedoms that its kind's documentation leaves in writing it. */
function plain(kind: StoreKindName, place: SecretStorePlace) {
  const members = { ...storeKinds[kind].toMembers(place) };
  if (kind === "aws_ssm") members["path"] = String(members["path"]).replace(/^\//, "");
  if (kind === "file") members["path"] = resolve(String(members["path"]));
  if (kind !== "github_actions") return members;
  // GitHub tells no case apart, and who may use a secret is no part of its place.
  const { visibility: _all, selected_repository_ids: _some, name, ...scope } = members;
  const lower = Object.entries(scope).map(([level, text]) => [level, text?.toLowerCase() ?? null]);
  return { ...Object.fromEntries(lower), name: String(name).toUpperCase() };
}

/** A URI that is nearly one of this kind: a character is escaped for no reason, doubled, dropped or swapped for another. */
function nearly(uri: string, at: number, change: "escape" | "double" | "drop" | "swap", by: string): string {
  const index = at % uri.length;
  const character = uri[index] ?? "";
  const instead = {
    escape: `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
    double: character + character,
    drop: "",
    swap: by,
  }[change];
  return uri.slice(0, index) + instead + uri.slice(index + 1);
}

const changes = fc.array(
  fc.tuple(fc.nat(), fc.constantFrom("escape", "double", "drop", "swap" as const), fc.oneof(hostile, ordinary)),
  { minLength: 1, maxLength: 3 },
);

describe.each(storeKindNames)("the URIs of %s", (kind) => {
  test("lead back to the place that they were written for, whatever names it has", () => {
    let opened = 0;
    fc.assert(
      fc.property(placeOf(kind), (place) => {
        const store = open(place);
        if (store === undefined) return;
        opened += 1;
        expect(store.destination).toBe(destinationOf(place));
        expect(store.destination).toMatch(/^[a-z][a-z0-9+.-]*:\/\/[!-~]+$/);
        expect(store.destination).not.toContain(canary);
        const parsed = parseDestination(store.destination);
        expect(parsed === undefined ? undefined : plain(kind, parsed)).toEqual(plain(kind, place));
      }),
      { numRuns: 250 },
    );
    expect(opened, "nearly every place is refused: no law was tried").toBeGreaterThan(10);
  });

  test("are the same only for the same place", () => {
    fc.assert(
      fc.property(placeOf(kind), membersOf(kind), fc.nat(), (one, members, at) => {
        // A place that differs in one member.
        const own = storeKinds[kind].toMembers(one) ?? {};
        const name = Object.keys(own)[at % Object.keys(own).length] ?? "";
        const other = storeKinds[kind].toPlace({ ...own, [name]: members[name] ?? null });
        if (open(one) === undefined || open(other) === undefined || destinationOf(one) !== destinationOf(other)) return;
        expect(plain(kind, one)).toEqual(plain(kind, other));
      }),
      { numRuns: 250 },
    );
  });

  test("are taken in any writing, mean one place, and are written again in one way; no other kind takes them", () => {
    fc.assert(
      fc.property(placeOf(kind), changes, (place, edits) => {
        if (open(place) === undefined) return;
        const written = edits.reduce((uri, [at, change, by]) => nearly(uri, at, change, by), destinationOf(place));
        const parsed = parseDestination(written);
        if (parsed === undefined) return;
        const takers = storeKindNames.filter((name) => storeKinds[name].toMembers(parsed) !== undefined);
        expect(takers).toHaveLength(1);
        const [taker = kind] = takers;
        if (open(parsed) === undefined) return;
        const canonical = destinationOf(parsed);
        const again = parseDestination(canonical);
        expect(again === undefined ? undefined : plain(taker, again), written).toEqual(plain(taker, parsed));
        expect(again === undefined ? undefined : destinationOf(again), written).toBe(canonical);
      }),
      { numRuns: 250 },
    );
  });
});

test("every kind has a scheme of its own", () => {
  const schemes = storeKindNames.map((kind) => {
    const [place] = fc.sample(
      placeOf(kind).filter((one) => open(one) !== undefined),
      { numRuns: 1, seed: 1 },
    );
    return place === undefined ? undefined : destinationOf(place).split("://")[0];
  });
  expect(new Set(schemes).size).toBe(storeKindNames.length);
});

test("no text makes the parser throw, and what it takes for a place can be asked for its URI", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(ordinary, hostile)).map((parts) => parts.join("")),
  );
  const scheme = fc.constantFrom(
    "",
    "vault://",
    "file://",
    "file:",
    "command://",
    "kubernetes://",
    "aws-ssm://",
    "x://",
  );
  fc.assert(
    fc.property(scheme, text, (start, rest) => {
      const place = parseDestination(start + rest);
      if (place !== undefined) expect(destinationOf(place)).toMatch(/^[a-z]/);
    }),
    { numRuns: 500 },
  );
});
