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

# Such as tok_q7Zd****, or **** when it is no token.
output "token" {
  value = nonsensitive(provider::orgtokens::obfuscate(var.token))
}
