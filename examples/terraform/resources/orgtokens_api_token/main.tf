terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# The address and the Admin token come from ORGTOKENS_ENDPOINT and ORGTOKENS_API_TOKEN,
# those of Vault or OpenBao from VAULT_ADDR and VAULT_TOKEN.
provider "orgtokens" {
  managed_by = "infra/prod"
}

resource "orgtokens_api_token" "ci" {
  label      = "CI deploy"
  role       = "developer"
  expires_in = "90d"

  # The secret is written here, and nowhere else.
  secret_store = { vault = { mount = "kv", path = "ci/orgtokens", key = "token" } }

  # Age or a change rotates the token in place; the old secret works for the grace period.
  rotate_after          = "60d"
  rotate_when_changed   = { quarter = "2026-Q4" }
  rotation_grace_period = "24h"
}

output "token_id" {
  value = orgtokens_api_token.ci.id
}
