terraform {
  required_providers {
    orgtokens = { source = "orgtokens/orgtokens" }
  }
}

# The cluster is the one of KUBECONFIG or ~/.kube/config; in a pod without one, its own by its service account.
provider "orgtokens" {
  managed_by = "examples/stores/kubernetes"
}

# Other keys of the Secret, and what others have set of it, are kept.
resource "orgtokens_api_token" "ci" {
  label        = "CI in Kubernetes"
  role         = "developer"
  secret_store = { kubernetes = { namespace = "ci", name = "orgtokens", key = "token" } }
}
