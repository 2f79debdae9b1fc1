import { attributePath, isUnknown, type ValidateRequest } from "../framework/index.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";
import { secondsOf } from "./duration.ts";

/** A secret that expires before it is due for rotation would leave a gap in which nothing works. */
export function validateApiToken({ config, diagnostics }: ValidateRequest<typeof apiTokenSchema>): void {
  const { rotate_after: rotateAfter, expires_in: expiresIn } = config;
  if (isUnknown(rotateAfter) || isUnknown(expiresIn)) return;
  const after = secondsOf(rotateAfter);
  const lifetime = secondsOf(expiresIn);
  if (after === undefined || lifetime === undefined || after < lifetime) return;
  diagnostics.error(
    "The secret would expire before it is rotated",
    `rotate_after is ${rotateAfter} and expires_in is ${expiresIn}. Make rotate_after shorter, so that a plan in between can rotate the token in time.`,
    attributePath("rotate_after"),
  );
}
