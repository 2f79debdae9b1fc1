import type { ApiTokenConfig } from "@orgtokens/cdktn/bindings";
import { secondsOf } from "./duration.ts";

type RotationConfig = Pick<ApiTokenConfig, "rotateAfter" | "rotateWhenChanged" | "rotationGracePeriod">;

/** The longest that a replaced secret works on: 30 days. */
const longestGraceSeconds = 30 * 86_400;

/**
 * When a token gets a new secret. Immutable: each method gives another schedule, so that one can be shared.
 *
 * @example RotationSchedule.every("90d").withGracePeriod("2h")
 * @example RotationSchedule.whenChanged({ quarter: "2026-Q4" })
 */
export class RotationSchedule {
  readonly #config: RotationConfig;

  private constructor(config: RotationConfig) {
    this.#config = config;
  }

  /**
   * By the first plan after the secret has reached an age, such as `90d`.
   * @throws RangeError when it is no duration.
   */
  static every(age: string): RotationSchedule {
    if (secondsOf("The age of a secret", age) === 0)
      throw new RangeError("The age of a secret must be longer than 0s.");
    return new RotationSchedule({ rotateAfter: age });
  }

  /** When one of the values changes. Setting them for the first time rotates nothing. */
  static whenChanged(values: Readonly<Record<string, string>>): RotationSchedule {
    return new RotationSchedule({ rotateWhenChanged: { ...values } });
  }

  /** Also when one of the values changes. */
  orWhenChanged(values: Readonly<Record<string, string>>): RotationSchedule {
    return new RotationSchedule({ ...this.#config, rotateWhenChanged: { ...values } });
  }

  /**
   * How long the secret before works on: `0s` to `30d`.
   * @throws RangeError when it is no duration, or longer.
   */
  withGracePeriod(gracePeriod: string): RotationSchedule {
    const seconds = secondsOf("The grace period", gracePeriod);
    if (seconds !== undefined && seconds > longestGraceSeconds) {
      throw new RangeError(`The grace period must be at most 30d, not ${gracePeriod}.`);
    }
    return new RotationSchedule({ ...this.#config, rotationGracePeriod: gracePeriod });
  }

  /** The members of the resource. */
  toConfig(): RotationConfig {
    return this.#config;
  }
}
