terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# Credentials are Google's application default credentials.
provider "orgtokens" {
  secret_stores = {
    google_secret_manager = {
      replica_locations = "europe-west1,europe-west4"
    }
  }
}

resource "orgtokens_api_token" "ci" {
  label = "ci-deploy"
  role  = "developer"

  secret_store = {
    google_secret_manager = {
      project = "my-project"
      secret  = "ci-deploy-token"
    }
  }
}
