import { obfuscateToken } from "@orgtokens/sdk";
import { defineFunction, parameter } from "../framework/index.ts";

/** `provider::orgtokens::obfuscate`: a token as lists show it. */
export const obfuscate = defineFunction({
  name: "obfuscate",
  summary: "A token as lists show it",
  description:
    "The token's prefix, the next four characters and four asterisks, as `tok_q7Zd****`: enough to find it in a list, and worth nothing. Of a text that is no whole token, whatever its prefix, nothing is shown: `****`. The result of a sensitive token counts as sensitive, too; `nonsensitive()` lifts that.",
  parameters: [parameter.string({ name: "token", description: "The full token." })],
  returns: "string",
  run: ({ token }) => obfuscateToken(token),
});
