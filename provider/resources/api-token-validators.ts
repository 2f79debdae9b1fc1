/** What the texts of a token may be, as the server has it. */
import { eachString, lengthBetween, pattern, sizeBetween } from "../framework/index.ts";

const networkForm = /^[0-9A-Fa-f:.]{2,45}(?:\/\d{1,3})?$/;
const printable = /^(?=.*\S)[^\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+$/u;
const printableLines = /^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]*$/u;

/** Allows labels. */
export const validLabel = [
  lengthBetween(1, 100),
  pattern(printable, "be printable text, without control characters or line breaks"),
];

/** Allows descriptions. */
export const validDescription = [lengthBetween(0, 1000), pattern(printableLines, "not contain control characters")];

/** Allows networks that a token works from. */
export const validNetworks = [
  sizeBetween(1, 20),
  eachString(pattern(networkForm, "be a network in CIDR notation, such as 192.0.2.0/24")),
];
