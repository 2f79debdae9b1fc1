terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# Credentials of AWS come from where its own tools find them: environment, profile, workload identity. What is set here wins.
provider "orgtokens" {
  managed_by    = "examples/stores/aws_ssm"
  secret_stores = { aws = { tier = "Standard" } }
}

resource "orgtokens_api_token" "deploy" {
  label = "Deploy with parameters of AWS"
  role  = "developer"
  secret_store = {
    aws_ssm = {
      region = "eu-central-1"
      path   = "/ci/deploy"
    }
  }
}
