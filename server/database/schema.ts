/** The tables. Ids and hashes are hexadecimal text; times are UTC milliseconds since 1970. */
export type Tables = {
  readonly organizations: OrganizationRow;
  readonly users: UserRow;
  readonly sessions: SessionRow;
  readonly sign_in_links: SignInLinkRow;
  readonly api_tokens: ApiTokenRow;
  readonly api_token_secrets: ApiTokenSecretRow;
  readonly destinations: DestinationRow;
  readonly audit_heads: AuditHeadRow;
  readonly audit_events: AuditEventRow;
  readonly alarms: AlarmRow;
  readonly organization_policies: OrganizationPolicyRow;
  readonly mail: MailRow;
  readonly expiry_notices: ExpiryNoticeRow;
  readonly idempotent_creations: IdempotentCreationRow;
};

export type OrganizationRow = { id: string; name: string; created_at: number };

export type OrganizationPolicyRow = {
  organization_id: string;
  default_lifetime_seconds: number | null;
  maximum_lifetime_seconds: number | null;
  /** Separated by commas. */
  token_roles: string;
  duplicate_labels: string;
  label_confirmation: string;
  /** 0 or 1. */
  tokens_may_generate: number;
  on_leak: string;
};

export type IdempotentCreationRow = {
  organization_id: string;
  idempotency_key: string;
  request_sha256: string;
  api_token_id: string;
  made_at: number;
};

export type UserRow = {
  id: string;
  organization_id: string;
  email: string;
  role: string;
  created_at: number;
  invited_by: string | null;
  last_signed_in_at: number | null;
  /** With `oidc_subject`: who the user is at the OpenID provider. */
  oidc_issuer: string | null;
  oidc_subject: string | null;
};

export type SessionRow = {
  id: string;
  sha256: string;
  organization_id: string;
  user_id: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  ip: string | null;
  user_agent: string | null;
  /** With `oidc_sid`: the session at the OpenID provider. */
  oidc_issuer: string | null;
  oidc_sid: string | null;
};

export type SignInLinkRow = {
  sha256: string;
  organization_id: string;
  user_id: string;
  purpose: string;
  created_at: number;
  expires_at: number;
  ended_at: number | null;
  return_to: string | null;
};

export type ApiTokenRow = {
  id: string;
  organization_id: string;
  label: string;
  description: string | null;
  role: string;
  created_at: number;
  created_by: string;
  pending_until: number | null;
  expires_at: number | null;
  rotated_at: number | null;
  revoked_at: number | null;
  last_used_at: number | null;
  last_used_ip: string | null;
  destination: string | null;
  managed_by: string | null;
  /** Separated by spaces; null when there are none. */
  allowed_networks: string | null;
};

export type ApiTokenSecretRow = {
  sha256: string;
  fingerprint: string;
  obfuscated: string;
  organization_id: string;
  api_token_id: string;
  state: string;
  created_at: number;
  dies_at: number | null;
  /** What a rotation brings about, as JSON; null for a token's first secret. */
  rotation: string | null;
};

/** Where an organization's chain of events ends. */
export type AuditHeadRow = { organization_id: string; sequence: number; hash: string };

export type AuditEventRow = {
  organization_id: string;
  /** From 1, without gaps. */
  sequence: number;
  id: string;
  at: number;
  action: string;
  outcome: string;
  actor_type: string;
  actor_id: string | null;
  actor_label: string;
  target_type: string | null;
  target_id: string | null;
  target_label: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  /** JSON. */
  before: string | null;
  /** JSON. */
  after: string | null;
  previous_hash: string;
  hash: string;
};

/** A mail to one recipient: the outbox, and what became of what was in it. */
export type MailRow = {
  id: string;
  organization_id: string;
  kind: string;
  recipient: string;
  /** JSON. */
  facts: string;
  /** Wiped when the mail is finished, with its expiry. */
  one_time_path: string | null;
  one_time_expires_at: number | null;
  api_token_id: string | null;
  dedupe_key: string | null;
  created_at: number;
  /** queued, sent, failed, or digested: part of the mail `digest_id`. */
  status: string;
  digest_id: string | null;
  attempts: number;
  /** From when on a worker may take it. Whoever takes it moves this ahead, so that others leave it alone meanwhile. */
  due_at: number;
  /** Who took it last; null when it is nobody's. */
  lease_id: string | null;
  last_error: string | null;
  finished_at: number | null;
};

/** That admins were told, `days` ahead, that a token expires at a time. */
export type ExpiryNoticeRow = { api_token_id: string; expires_at: number; days: number };

/** An alarm that was raised: `hour` counts hours since 1970. */
export type AlarmRow = { organization_id: string; kind: string; api_token_id: string; hour: number };

export type DestinationRow = { organization_id: string; uri: string; api_token_id: string };
