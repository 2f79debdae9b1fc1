# The secret goes to the store: it is not printed, and not in the shell's history.
orgtokens tokens create --label ci --role developer --store "vault://kv/ci#token"

# A new secret in the same place; the one before works for another hour. To move it, name another --store.
orgtokens tokens rotate ci --grace-period 1h

# Does the store still hold what was delivered? From its metadata; ends with 3 when it does not.
orgtokens tokens deliver-check ci

# Revoke it and delete its entry. At a terminal the label is asked for.
orgtokens tokens revoke ci --yes-revoke ci
