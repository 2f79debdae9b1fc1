import { z } from "zod";

/** A switch: a flag that is given or not, or a word of its variable. */
export const onOff = z
  .union([z.boolean(), z.enum(["true", "1", "false", "0", ""])], "must be true or false")
  .transform((value) => value === true || value === "true" || value === "1");

/** A whole number within bounds, as text. */
export const integerWithin = (least: number, most: number, byDefault: number) => {
  const range = `must be a whole number from ${least} to ${most}`;
  const number = z.number().min(least, range).max(most, range);
  return z
    .string(range)
    .regex(/^\d{1,9}$/, range)
    .transform(Number)
    .pipe(number)
    .default(byDefault);
};
