/** How grave a line of the log is. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** What a line says besides its message. Objects are not possible on purpose: one could hold a secret nobody thinks of. */
export interface LogFields {
  readonly [name: string]: string | number | boolean | undefined;
}

/**
 * Writes lines of each level; those below the level that practitioners ask for (`TF_LOG_PROVIDER`, or else `TF_LOG`) are dropped.
 * Never throws.
 */
export type Log = { readonly [L in LogLevel]: (message: string, fields?: LogFields) => void };

/** A log that writes nothing. */
export const silentLog: Log = makeLog(() => {});

/** A log that says the same fields in every line. */
export function withFields(log: Log, same: LogFields): Log {
  return makeLog((level, message, fields) => log[level](message, { ...fields, ...same }));
}

/**
 * A log that says nothing that `clean` takes out. A secret is taken out of the lines written after it became known; a line already
 * written cannot be called back.
 */
export function cleanLog(log: Log, clean: (text: string) => string): Log {
  const cleanField = (value: LogFields[string]): LogFields[string] => {
    if (value === undefined || typeof value === "boolean") return value;
    const text = clean(String(value));
    return text === String(value) ? value : text;
  };
  return makeLog((level, message, fields = {}) => {
    const cleaned = Object.entries(fields).map(([name, value]) => [clean(name), cleanField(value)]);
    log[level](clean(message), Object.fromEntries(cleaned));
  });
}

function makeLog(write: (level: LogLevel, message: string, fields: LogFields | undefined) => void): Log {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => write(level, message, fields);
  return { trace: at("trace"), debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
