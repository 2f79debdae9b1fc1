import { attribute, lengthBetween } from "../framework/index.ts";
import { memberOf, type StoreKind } from "./store-kind.ts";
import { noControlCharacters } from "./texts.ts";

/** Where a secret file is. */
export const fileAttributes = {
  path: attribute.string({
    required: true,
    description: "Path of the file. A relative one starts at the working directory. Missing folders are created.",
    validators: [lengthBetween(1, 400), noControlCharacters],
  }),
};

/** A local file. */
export const filePlace = attribute.single({
  optional: true,
  description:
    "A local file, for development. It is readable by its owner only and holds the secret and nothing else; its metadata lies beside it in `<path>.orgtokens.json`.",
  attributes: fileAttributes,
});

export const fileKind: StoreKind = {
  placeAttributes: fileAttributes,
  toPlace: (members) => ({ file: { path: memberOf(members, "path") } }),
  toMembers: (place) => ("file" in place ? { path: place.file.path } : undefined),
  readAccess: () => ({}),
  explainMissing: () => ({ what: "nothing", advice: "" }),
};
