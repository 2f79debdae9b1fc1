import type { ApiToken } from "@orgtokens/sdk";
import type { ReactNode } from "react";
import { Notice } from "../parts/notice.tsx";
import { formatExact, RelativeTime } from "../parts/relative-time.tsx";
import { SecretPlace } from "./secret-place.tsx";
import { RoleBadge } from "./status-badge.tsx";

/** Everything that is known of a token. */
export function ApiTokenFacts({ token }: { readonly token: ApiToken }): ReactNode {
  return (
    <section className="card" aria-label="Details">
      <RotationNotice fingerprint={token.newFingerprint} />
      {token.description === null || token.description === "" ? null : (
        <p className="token-description">{token.description}</p>
      )}
      <dl className="facts">
        <Fact name="Token">
          <code>{token.obfuscatedToken}</code>
        </Fact>
        <Fact name="Role">
          <RoleBadge role={token.role} />
        </Fact>
        <Fact name="Last used">
          <RelativeTime at={token.lastUsed} />
          {token.lastUsedIp === null ? null : (
            <>
              {" from "}
              <code>{token.lastUsedIp}</code>
            </>
          )}
        </Fact>
        <Fact name="Created">
          <RelativeTime at={token.created} /> by {token.createdBy}
        </Fact>
        <Fact name="Expires">{token.expiresAt === null ? "Never" : <Expiry at={token.expiresAt} />}</Fact>
        <Fact name="Rotated">
          <RelativeTime at={token.rotatedAt} />
        </Fact>
        {token.revokedAt === null ? null : (
          <Fact name="Revoked">
            <RelativeTime at={token.revokedAt} />
          </Fact>
        )}
        <Fact name="Secret kept in">
          <SecretPlace destination={token.destination} />
        </Fact>
        {token.allowedNetworks.length === 0 ? null : (
          <Fact name="Works from">
            <code>{token.allowedNetworks.join(" ")}</code>
          </Fact>
        )}
        <Fact name="Managed by">
          {token.managedBy === null ? (
            <span className="muted">People, on this page or by the API</span>
          ) : (
            token.managedBy
          )}
        </Fact>
        <Fact name="Fingerprint">
          <code>{token.fingerprint}</code>
        </Fact>
        <Fact name="Id">
          <code>{token.id}</code>
        </Fact>
      </dl>
    </section>
  );
}

function RotationNotice({ fingerprint }: { readonly fingerprint: string | null }): ReactNode {
  if (fingerprint === null) return null;
  return (
    <Notice tone="info">
      <p>
        A rotation is under way: a new secret (<code>{fingerprint}</code>) was issued and not used yet. The current one
        keeps working.
      </p>
    </Notice>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Expiry({ at }: { readonly at: string }): ReactNode {
  return (
    <>
      <RelativeTime at={at} />
      <span className="muted"> ({formatExact(at)})</span>
    </>
  );
}
