# OpenBao or Vault: what the identity of an apply may do. It writes secrets, and can read none back. The names of the keys of an
# entry (subkeys) tell whether there are others, which are kept.
path "kv/data/ci/*" {
  capabilities = ["create", "update", "patch"]
}

path "kv/subkeys/ci/*" {
  capabilities = ["read"]
}

path "kv/metadata/ci/*" {
  capabilities = ["create", "update", "patch", "read", "delete"]
}
