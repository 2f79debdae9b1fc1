import { SecretStoreError } from "./secret-store-error.ts";
import type { MissingSetting } from "./secret-store-kind.ts";

/** A store cannot be opened, because neither settings nor environment say how it is reached. */
export class MissingSettingError extends SecretStoreError {
  /** What is missing, and by which setting or environment variable it is given. */
  readonly missing: MissingSetting;

  constructor(destination: string, missing: MissingSetting) {
    const { what, setting, variable } = missing;
    const message = `To open ${destination}, the ${what} must be given: set ${setting}, or the environment variable ${variable}.`;
    super("secret_store_invalid_argument", destination, message);
    this.missing = missing;
  }
}
