terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# The endpoint and the Admin token come from ORGTOKENS_ENDPOINT and ORGTOKENS_API_TOKEN.
provider "orgtokens" {
  managed_by = "demo"
}

variable "secrets" {
  description = "Folder the secrets are written to."
  type        = string
}

variable "quarter" {
  description = "Rotates the CI token when it changes."
  type        = string
  default     = "2026-Q4"
}

variable "with_deploy" {
  description = "Whether the deployment token exists."
  type        = bool
  default     = true
}

resource "orgtokens_api_token" "ci" {
  label                 = "CI build"
  role                  = "developer"
  expires_in            = "90d"
  rotate_when_changed   = { quarter = var.quarter }
  rotation_grace_period = "1h"
  secret_store          = { file = { path = "${var.secrets}/ci-build" } }
}

resource "orgtokens_api_token" "deploy" {
  count        = var.with_deploy ? 1 : 0
  label        = "Deployment"
  role         = "developer"
  secret_store = { file = { path = "${var.secrets}/deployment" } }
}
