terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# The token of GitHub comes from GH_TOKEN or GITHUB_TOKEN, or from `gh auth token`.
provider "orgtokens" {}

# For the workflows of one repository that deploy to one environment.
resource "orgtokens_api_token" "deploy" {
  label = "my-repo-deploy"
  role  = "developer"

  secret_store = {
    github_actions = {
      owner       = "my-org"
      repository  = "my-repo"
      environment = "production"
      name        = "ORGTOKENS_DEPLOY_TOKEN"
    }
  }
}

# For the workflows of some repositories of the organization.
resource "orgtokens_api_token" "ci" {
  label = "organization-ci"
  role  = "developer"

  secret_store = {
    github_actions = {
      owner                   = "my-org"
      name                    = "ORGTOKENS_CI_TOKEN"
      visibility              = "selected"
      selected_repository_ids = join(",", [1296269, 1296280]) # data.github_repository.NAME.repo_id
    }
  }
}
