import { isWellFormedToken } from "@orgtokens/sdk";
import { defineFunction, FunctionError, lengthBetween, parameter, pattern } from "../framework/index.ts";

/** `provider::orgtokens::is_well_formed`: whether a token was copied whole. */
export const isWellFormed = defineFunction({
  name: "is_well_formed",
  summary: "Whether a text has the form of a token",
  description:
    "Whether the text has the form of a token and its checksum holds, so that a typing error, or a token that was cut off, is found before anybody is asked; as in a `precondition`. (In the `validation` of a variable, Terraform shows the value that was refused, also of a sensitive variable.) Says nothing about whether the token exists or works.",
  parameters: [parameter.string({ name: "token", description: "The text." })],
  variadic: parameter.string({
    name: "prefix",
    description: "What the tokens of the server start with, with its last underscore. At most one. Default: `tok_`.",
    validators: [
      lengthBetween(1, 41),
      pattern(/^[A-Za-z0-9_]*_$/, "be letters, digits and underscores, and end with one"),
    ],
  }),
  returns: "bool",
  run({ token, prefix }) {
    if (prefix.length > 1) throw new FunctionError("Give one prefix at most.", 2);
    return isWellFormedToken(token, prefix[0]);
  },
});
