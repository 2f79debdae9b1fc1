/**
 * Tokens of an organization as constructs, over the bindings of the provider: `ApiToken` with typed stores and schedules, `TokenSet`,
 * and everything else as the provider has it. The binding that `ApiToken` stands on is in the entry `/bindings`.
 */
export * from "@orgtokens/cdktn/bindings";
export { ApiToken, type ApiTokenProps } from "./api-token.ts";
export { RotationSchedule } from "./rotation-schedule.ts";
export { SecretStore } from "./secret-store.ts";
export { TokenSet, type TokenSetMember, type TokenSetProps } from "./token-set.ts";
