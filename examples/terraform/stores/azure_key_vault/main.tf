terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# Credentials are found as every tool of Azure finds them.
provider "orgtokens" {}

resource "orgtokens_api_token" "ci" {
  label = "ci-deploy"
  role  = "developer"

  secret_store = {
    azure_key_vault = {
      vault  = "my-vault"
      secret = "ci-deploy-token"
    }
  }
}
