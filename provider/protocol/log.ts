/**
 * The provider's log: one JSON object a line, in the form of hclog, which Terraform sorts into its own log by level.
 *
 * Secrets stay out by construction: fields are scalars, so no object with a secret inside is ever written, and whatever looks
 * like an API token is obfuscated in every text.
 *
 * @see https://github.com/hashicorp/go-hclog
 */
import type { Log, LogFields, LogLevel } from "../framework/diagnostics/log.ts";
import type { Environment } from "./handshake.ts";

export interface LogOptions {
  /** The least grave level that is written. */
  readonly level: LogLevel | "off";
  /** Where the lines come from: `provider`, `provider.delivery`. */
  readonly module: string;
  /** Takes one line with its line feed, under 64 KiB. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
}

const severity = { trace: 0, debug: 1, info: 2, warn: 3, error: 4, off: 5 } as const;
/** Longest text of a message or field, in UTF-16 units: JSON may write each as six bytes. */
const maxTextLength = 2000;
/** Terraform reads a log line through a buffer of 64 KiB. */
const maxLineBytes = 60 * 1024;
const tokenPattern = /tok_[0-9A-Za-z]{36,}/g;

/** A log of the given level. */
export function createLog({ level, module, write, now }: LogOptions): Log {
  const at = (lineLevel: LogLevel) => (message: string, fields?: LogFields) => {
    if (severity[lineLevel] < severity[level]) return;
    const head = {
      "@level": lineLevel,
      "@message": readable(message),
      "@module": module,
      "@timestamp": now().toISOString().replace("Z", "000Z"), // hclog reads exactly six digits
    };
    const line = JSON.stringify({ ...head, ...readableFields(fields) });
    write(`${Buffer.byteLength(line) < maxLineBytes ? line : JSON.stringify({ ...head, fields_dropped: true })}\n`);
  };
  return { trace: at("trace"), debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/**
 * The level that practitioners ask for: `TF_LOG_PROVIDER`, or else `TF_LOG`. As in Terraform, a word that is no level (and
 * `JSON`) means `trace`. With neither set only errors are written.
 */
export function logLevel(environment: Environment): LogLevel | "off" {
  const asked = (environment["TF_LOG_PROVIDER"] || environment["TF_LOG"] || "error").toLowerCase();
  return isLevel(asked) ? asked : "trace";
}

/** Replaces everything that looks like an API token by its obfuscated form. */
export function obfuscateTokens(text: string): string {
  return text.replaceAll(tokenPattern, (token) => `${token.slice(0, 8)}****`);
}

function isLevel(text: string): text is LogLevel | "off" {
  return Object.hasOwn(severity, text);
}

/** Without tokens, and short. Obfuscates first: a token cut in two would no longer look like one. */
function readable(text: string): string {
  const safe = obfuscateTokens(text);
  return safe.length > maxTextLength ? `${safe.slice(0, maxTextLength)}...` : safe;
}

function readableFields(fields: LogFields = {}): LogFields {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !name.startsWith("@"))
      .map(([name, value]) => [obfuscateTokens(name), typeof value === "string" ? readable(value) : value]),
  );
}
