import { AttributeError, attributePath, type Validator } from "../framework/index.ts";

/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting, and where it was given. */
export type Setting = {
  /** The attribute of the provider block, such as `ca_cert_file`. */
  readonly attribute: string;
  readonly value: string;
  /** Where to correct it: the attribute in the provider block, or an environment variable. */
  readonly place: string;
};

/** The environment variable that stands in for an attribute of the provider block: `ORGTOKENS_CA_CERT_FILE`. */
export function variableOf(attribute: string): string {
  return `ORGTOKENS_${attribute.toUpperCase()}`;
}

/**
 * What the provider block says, or else the environment; undefined when neither does. The schema has checked the former.
 *
 * @throws AttributeError when the environment says something that the provider block could not.
 */
export function readSetting(
  attribute: string,
  configured: string | number | null,
  environment: Environment,
  validators: readonly Validator<string>[] = [],
): Setting | undefined {
  if (configured !== null) {
    return { attribute, value: String(configured), place: `"${attribute}" in the provider block` };
  }
  const variable = variableOf(attribute);
  const value = environment[variable];
  if (value === undefined || value === "") return undefined;
  const setting = { attribute, value, place: `the environment variable ${variable}` };
  const [fault] = validators.flatMap((validate) => validate(value, attributePath(attribute)));
  if (fault !== undefined) throw invalidSetting(setting, fault.detail);
  return setting;
}

/** The same of a setting without which nothing works. */
export function requireSetting(attribute: string, setting: Setting | undefined): Setting {
  if (setting !== undefined) return setting;
  throw new AttributeError(
    attributePath(attribute),
    `Missing ${attribute}`,
    `Set "${attribute}" in the provider block, or the environment variable ${variableOf(attribute)}.`,
  );
}

/** The error of a setting that cannot be used. `why` is a sentence, and does not hold the value of a secret one. */
export function invalidSetting({ attribute, place }: Setting, why: string, cause?: unknown): AttributeError {
  const options = cause === undefined ? undefined : { cause };
  return new AttributeError(
    attributePath(attribute),
    `Invalid value for ${attribute}`,
    `${why} Correct ${place}.`,
    options,
  );
}
