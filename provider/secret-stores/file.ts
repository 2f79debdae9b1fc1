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
  key: attribute.string({
    optional: true,
    description:
      "A key of the JSON object that the file holds; its other keys are kept. Without it the file holds the secret and nothing else.",
    validators: [lengthBetween(1, 100), noControlCharacters],
  }),
};

/** A local file. */
export const filePlace = attribute.single({
  optional: true,
  description:
    "A local file, for development. It is readable by its owner only; its metadata lies beside it in `<path>.orgtokens.json`. A folder that anybody may write is refused.",
  attributes: fileAttributes,
});

export const fileKind: StoreKind = {
  placeAttributes: fileAttributes,
  toPlace: (members) => {
    const key = members["key"] ?? undefined;
    return { file: { path: memberOf(members, "path"), ...(key === undefined ? {} : { key }) } };
  },
  toMembers: (place) => ("file" in place ? { path: place.file.path, key: place.file.key ?? null } : undefined),
  toAccess: () => ({}),
};
