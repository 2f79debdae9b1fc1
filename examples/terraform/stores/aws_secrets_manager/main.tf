terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# Credentials of AWS come from where its own tools find them: environment, profile, workload identity. What is set here wins.
provider "orgtokens" {
  managed_by    = "examples/stores/aws_secrets_manager"
  secret_stores = { aws = { recovery_window_days = 7 } }
}

# The whole secret is the token's. A plan reads its tags and versions only, never its value.
resource "orgtokens_api_token" "deploy" {
  label = "Deploy to AWS"
  role  = "developer"
  secret_store = {
    aws_secrets_manager = {
      region = "eu-central-1"
      name   = "ci/deploy"
    }
  }
}

# One key of a JSON secret that holds other keys, too. They are kept.
resource "orgtokens_api_token" "report" {
  label = "Report from AWS"
  role  = "developer"
  secret_store = {
    aws_secrets_manager = {
      region = "eu-central-1"
      name   = "ci/report"
      key    = "orgtokens"
    }
  }
}
