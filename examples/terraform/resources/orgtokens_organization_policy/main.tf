terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

resource "orgtokens_organization_policy" "this" {
  default_lifetime   = "90d"
  maximum_lifetime   = "365d"
  duplicate_labels   = "refuse"
  label_confirmation = "required"
  on_leak            = "revoke"

  # What is left out, here token_roles and tokens_may_generate, stays as it is.

  # A destroy gives the rules the values that a new organization has; without this, it leaves them.
  on_destroy = "reset"
}
