terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# Address and Admin token come from ORGTOKENS_ENDPOINT and ORGTOKENS_API_TOKEN, those of Vault or OpenBao from VAULT_ADDR and
# VAULT_TOKEN: none of them has to be in a file.
provider "orgtokens" {
  # Says whose tokens these are, and lets the next run adopt what a crashed one left behind.
  managed_by = "infra/prod"
}
