import { pattern } from "../framework/index.ts";

/** Allows text without control characters. */
export const noControlCharacters = pattern(/^[^\p{Cc}]+$/u, "not contain control characters");

/** Allows addresses of HTTP servers. */
export const isUrl = pattern(/^https?:\/\/[^\s/]+/, "be an http or https URL");
