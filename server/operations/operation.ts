import type { components, operations } from "@orgtokens/sdk/openapi";
import type { RequestOrigin } from "../domain/audit-event.ts";
import type { BackgroundWork } from "../domain/background-work.ts";
import type { Browser } from "../domain/browser.ts";
import type { ChangeWatch } from "../domain/change-watch.ts";
import type { Clock } from "../domain/clock.ts";
import type { DeadTokenAlarm } from "../domain/dead-token-alarm.ts";
import type { IdentityProvider } from "../domain/identity-provider.ts";
import type { IdGenerator } from "../domain/ids.ts";
import type { LastUseRecorder } from "../domain/last-use-recorder.ts";
import type { RateLimiter } from "../domain/rate-limiter.ts";
import type { RefusalRecorder } from "../domain/refusal-recorder.ts";
import type { SecretIssuer } from "../domain/secret-text.ts";
import type { SignInSettings } from "../domain/sign-in.ts";
import type { Database } from "../domain/stores.ts";
import type { TokenIssuer } from "../domain/token-text.ts";
import type { TokenVerifier } from "../domain/token-verifier.ts";

/** The name of an operation in the contract. */
export type OperationId = keyof operations;

/** A schema of the contract. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** What operations work with. */
export type Services = {
  readonly database: Database;
  readonly clock: Clock;
  /** How people reach this server, such as `https://tokens.example.com`: what links and redirects start with. */
  readonly publicUrl: () => string;
  readonly newId: IdGenerator;
  readonly issueToken: TokenIssuer;
  readonly verifier: TokenVerifier;
  readonly lastUses: LastUseRecorder;
  readonly changes: ChangeWatch;
  readonly deadTokens: DeadTokenAlarm;
  readonly refusals: RefusalRecorder;
  /** Charged for anonymous leak reports, by network address. */
  readonly leakReports: RateLimiter;
  /** Charged for refused tokens, by network address. Undefined when there is no limit. */
  readonly failedAuthentications: RateLimiter | undefined;
  readonly issueSecret: SecretIssuer;
  readonly signIn: SignInSettings;
  /** Undefined when people sign in by e-mailed links only. */
  readonly identityProvider: IdentityProvider | undefined;
  /** Charged for each sign-in link that is asked for. */
  readonly linkRequests: { readonly byAddress: RateLimiter; readonly byEmail: RateLimiter };
  /** Charged for each refusal of a link that is recorded, by link. */
  readonly linkRefusals: RateLimiter;
  /** What no answer waits for. */
  readonly work: BackgroundWork;
};

type Parameters<
  Id extends OperationId,
  Place extends "path" | "query" | "header",
> = operations[Id]["parameters"] extends {
  readonly [P in Place]?: infer Given;
}
  ? NonNullable<Given>
  : Record<string, never>;

type Content<Holder> = Holder extends { readonly content: infer Given } ? Given[keyof Given] : undefined;

type Body<Id extends OperationId> = operations[Id] extends { readonly requestBody: infer Given }
  ? Content<Given>
  : undefined;

type Responses<Id extends OperationId> = operations[Id]["responses"];
type Success<Id extends OperationId> = Responses<Id>[keyof Responses<Id> & (200 | 201 | 202 | 204 | 303)];

/** A valid request of an operation, as the contract types it, by whom and from where. */
export type Call<Id extends OperationId, Caller> = {
  readonly principal: Caller;
  readonly path: Parameters<Id, "path">;
  readonly query: Parameters<Id, "query">;
  readonly header: Parameters<Id, "header">;
  readonly body: Body<Id>;
  readonly origin: RequestOrigin;
  readonly browser: Browser;
};

/** The body of an operation's success answer, as the contract types it; undefined where it has none. */
export type AnswerBody<Id extends OperationId> = Content<Success<Id>>;

/** The header fields that an operation's success answer has beside those that the binding of the contract gives. */
type OwnHeaders<Id extends OperationId> =
  Success<Id> extends { readonly headers: infer Given }
    ? { readonly [Name in keyof Given as string extends Name ? never : Exclude<Name, GivenHeader>]: Given[Name] }
    : Record<never, never>;

type GivenHeader = "X-Request-Id" | "Location" | "Set-Cookie";

/** What an operation answers: the items of a stream, or the body, with its header fields where the contract gives it some of its own. */
export type Answer<Id extends OperationId> =
  Success<Id> extends { readonly content: { readonly "application/jsonl": infer Line } }
    ? AsyncIterable<Line>
    : JsonAnswer<Id>;

/** A redirect has its target and no body. */
type JsonAnswer<Id extends OperationId> =
  Responses<Id> extends { readonly 303: unknown }
    ? { readonly headers: { readonly Location: string }; readonly body: undefined }
    : [keyof OwnHeaders<Id>] extends [never]
      ? AnswerBody<Id>
      : { readonly headers: OwnHeaders<Id>; readonly body: AnswerBody<Id> };

/** An operation of the contract: authorized by its caller's type, it decides, changes in one transaction, and answers. */
export type Operation<Id extends OperationId, Caller> = (
  services: Services,
  call: Call<Id, Caller>,
) => Promise<Answer<Id>>;
