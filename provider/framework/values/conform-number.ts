/** The most digits and the largest exponent accepted, so that a short text cannot stand for gigabytes of digits. */
const maxDigits = 1000;

/**
 * Reads a number as a transport may deliver it: safe integers and fractions become `number`, integers beyond 2^53 `bigint`. What cannot be
 * kept exactly is refused, because Terraform would notice the difference.
 */
export function conformNumber(raw: number | bigint | string): number | bigint | { readonly problem: string } {
  if (typeof raw === "string") return conformDecimal(raw);
  if (typeof raw === "bigint") return narrow(raw);
  if (!Number.isFinite(raw)) return { problem: "A finite number is required." };
  if (!Number.isInteger(raw)) return raw;
  return Number.isSafeInteger(raw) ? raw + 0 : BigInt(raw);
}

function conformDecimal(text: string): number | bigint | { readonly problem: string } {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null || text.length > maxDigits) return { problem: "A decimal number is required." };
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return 0;
  const scale = Number(exponent) - fraction.length + (digits.length - significant.length);
  if (Math.abs(scale) > maxDigits) return { problem: "The number is too large or too small." };
  if (scale >= 0) return narrow(BigInt(`${sign === "-" ? "-" : ""}${significant}${"0".repeat(scale)}`));
  const number = Number(text);
  if (exactDigits(number) === `${significant}e${scale}`) return number;
  return { problem: "The number has more digits than can be kept exactly." };
}

/** The shortest decimal digits that denote `number`, as digits and a power of ten. */
function exactDigits(number: number): string {
  const [mantissa = "", exponent = "0"] = Math.abs(number).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  return `${digits}e${Number(exponent) - (digits.length - 1)}`;
}

function narrow(integer: bigint): number | bigint {
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}
