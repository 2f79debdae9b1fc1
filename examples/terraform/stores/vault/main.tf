terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

variable "role_id" {
  type = string
}

variable "secret_id" {
  type      = string
  sensitive = true
  ephemeral = true
}

provider "orgtokens" {
  secret_stores = {
    vault = {
      auth_login_approle = {
        role_id   = var.role_id
        secret_id = var.secret_id
      }
    }
  }
}

resource "orgtokens_api_token" "ci" {
  label = "CI, delivered by AppRole"
  role  = "developer"
  secret_store = {
    vault = {
      mount = "kv"
      path  = "ci/shared"
      key   = "orgtokens_token"
    }
  }
}
