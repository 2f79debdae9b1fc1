terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

variable "token" {
  type      = string
  sensitive = true
  default   = ""
}

resource "terraform_data" "login" {
  lifecycle {
    precondition {
      condition     = var.token == "" || provider::orgtokens::is_well_formed(var.token)
      error_message = "The token was mistyped or cut off."
    }
  }
}
