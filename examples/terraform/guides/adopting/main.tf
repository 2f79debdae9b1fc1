terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

provider "orgtokens" {
  managed_by = "infra/prod"
}

# A token that somebody generated on the page. Its secret is wherever they put it.
import {
  to = orgtokens_api_token.deploy
  id = "label:Deploy bot"
}

# The store named here does not hold it, so the plan rotates: a new secret goes there, the old one works for the grace period.
resource "orgtokens_api_token" "deploy" {
  label        = "Deploy bot"
  role         = "developer"
  secret_store = { vault = { mount = "kv", path = "ci/deploy" } }

  rotation_grace_period = "72h"
}
