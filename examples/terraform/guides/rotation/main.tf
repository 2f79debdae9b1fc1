terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

provider "orgtokens" {
  managed_by = "infra/prod"
}

# By age: a plan that runs after 60 days rotates. Run one from a scheduler, each day for example.
resource "orgtokens_api_token" "nightly" {
  label        = "Nightly build"
  role         = "developer"
  secret_store = { vault = { mount = "kv", path = "ci/nightly" } }

  rotate_after          = "60d"
  rotation_grace_period = "24h"
}

# On demand: whoever changes a value rotates. The values mean nothing to the provider.
resource "orgtokens_api_token" "release" {
  label        = "Release"
  role         = "developer"
  secret_store = { vault = { mount = "kv", path = "ci/release" } }

  rotate_when_changed   = { quarter = "2026-Q4", incident = "none" }
  rotation_grace_period = "1h"
}

output "nightly_rotates_at" {
  value = orgtokens_api_token.nightly.rotation_due_at
}
