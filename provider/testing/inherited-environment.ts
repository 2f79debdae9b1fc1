/**
 * What programs that the harness starts inherit: where programs are, and where Node keeps what it has compiled once. With such a
 * folder a provider in TypeScript starts in a third of the time.
 */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env["PATH"], NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] };
}
