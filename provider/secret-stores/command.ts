import { attribute, lengthBetween, pattern } from "../framework/index.ts";
import { memberOf, type StoreKind, textsOf } from "./store-kind.ts";
import { noControlCharacters } from "./texts.ts";

/** Where an entry of a program is. */
export const commandAttributes = {
  program: attribute.string({
    required: true,
    description: "Name of the program in the programs file, such as `pass`.",
    validators: [
      pattern(/^[a-z0-9][a-z0-9._-]{0,63}$/, "be 1 to 64 small letters, digits, dots, underscores or hyphens"),
    ],
  }),
  entry: attribute.string({
    required: true,
    description: "Name of the entry, such as `ci/orgtokens`: names separated by single slashes.",
    validators: [lengthBetween(1, 400), noControlCharacters, pattern(/^[^-]/, 'not start with "-"')],
  }),
};

/** An entry that a program keeps. */
export const commandPlace = attribute.single({
  optional: true,
  description:
    "An entry of a program, such as `pass`, `gopass` or a script of your own, which gets the secret on its standard input and never among its arguments. How it is called is said in the programs file, `secret_stores.command` of the provider.",
  attributes: commandAttributes,
});

/** Which programs there are. */
export const commandAccess = attribute.single({
  optional: true,
  description: "Programs that keep secrets.",
  attributes: {
    programs_file: attribute.string({
      optional: true,
      description:
        "Path of the JSON file that says how each program is called; the guide on secret stores describes it. Or `ORGTOKENS_PROGRAMS_FILE`.",
      validators: [lengthBetween(1, 400), noControlCharacters],
    }),
  },
});

export const commandKind: StoreKind = {
  placeAttributes: commandAttributes,
  toPlace: (members) => ({
    command: { program: memberOf(members, "program"), entry: memberOf(members, "entry") },
  }),
  toMembers: (place) => ("command" in place ? { ...place.command } : undefined),
  toAccess: (configured) => ({ command: textsOf(configured, { programsFile: "programs_file" }) }),
};
