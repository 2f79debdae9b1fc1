terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

provider "orgtokens" {
  managed_by = "infra/prod"
}

# 1. Terraform forgets the resource that keeps the secret in its state, and does not destroy it: the token stays alive.
removed {
  from = terraform_data.deploy_token

  lifecycle {
    destroy = false
  }
}

# 2. The very same token is managed here from now on, found by its label.
import {
  to = orgtokens_api_token.deploy
  id = "label:Deploy bot"
}

# 3. A new secret goes to the store. The one that old states hold works for three days more, and never again.
resource "orgtokens_api_token" "deploy" {
  label        = "Deploy bot"
  role         = "developer"
  secret_store = { vault = { mount = "kv", path = "ci/deploy" } }

  rotation_grace_period = "72h"
}
