import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { onTestFinished } from "vitest";

/** A person at the provider. */
export type Person = { readonly subject: string; readonly email: string; readonly isVerified: boolean };

/** A real OpenID provider on the loopback address, whose every visitor is signed in as one person. */
export type TestProvider = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Who visits next. */
  visitor: Person;
  /** Stops answering, as a provider that is down does. */
  stop(): Promise<void>;
  /** Sends a browser to the address it was redirected to, and follows until it would leave the provider. */
  visit(location: string): Promise<string>;
};

/** Starts a provider at which `redirectUri` is registered; it ends with the test. */
export async function startOpenIdProvider(redirectUri: string): Promise<TestProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => close(server));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = { clientId: "orgtokens", clientSecret: "a secret of the tests, 32 characters" };
  const test: TestProvider = {
    issuer,
    ...client,
    visitor: { subject: "person-1", email: "ada@test.example", isVerified: true },
    stop: () => close(server),
    visit: (location) => follow(issuer, location),
  };
  const provider = createProvider(issuer, client, redirectUri, () => test.visitor);
  server.on("request", provider.callback());
  return test;
}

function createProvider(
  issuer: string,
  { clientId, clientSecret }: Pick<TestProvider, "clientId" | "clientSecret">,
  redirectUri: string,
  visitor: () => Person,
): Provider {
  const provider = new Provider(issuer, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    cookies: { keys: ["a key of the tests"] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, subject) => ({
      accountId: subject,
      claims: () => ({ sub: subject, email: visitor().email, email_verified: visitor().isVerified }),
    }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith("/interaction/")) return next();
    const accountId = visitor().subject;
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope("openid email");
    const consent = { grantId: await grant.save() };
    await provider.interactionFinished(context.req, context.res, { login: { accountId }, consent });
    context.respond = false;
  });
  return provider;
}

/** A browser with its cookies, as far as a provider needs one. */
async function follow(issuer: string, start: string): Promise<string> {
  const cookies = new Map<string, string>();
  let location = start;
  for (let step = 0; step < 10 && location.startsWith(`${issuer}/`); step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(location, { redirect: "manual", headers: { cookie } });
    for (const header of response.headers.getSetCookie()) {
      const [pair = ""] = header.split(";");
      cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const next = response.headers.get("location");
    if (next === null) throw new Error(`The provider answered ${response.status}:\n${await response.text()}`);
    location = new URL(next, location).href;
  }
  return location;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
