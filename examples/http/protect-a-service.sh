# A service asks with a token of its own, any role, about the one that it was sent.
ask() { curl --fail-with-body --silent --show-error --user "$ORGTOKENS_API_TOKEN:" "$@"; }

# RFC 7662: {"active":true,"scope":"developer","client_id":...,"label":...}, or {"active":false} and nothing more.
ask "$ORGTOKENS_ENDPOINT/oauth2/introspect" --data-urlencode "token=$PRESENTED_TOKEN"

# What nginx, Traefik and Caddy ask: 200 with X-Orgtokens-Token-Id, -Label, -Role and -Organization, or 401.
curl --silent --output /dev/null --write-out '\n%{http_code} %header{x-orgtokens-role}\n' \
  "$ORGTOKENS_ENDPOINT/v2/forward-auth" --header "X-API-KEY: $PRESENTED_TOKEN"

# RFC 7009: whoever finds a token can take it out of use, if it is its own or an Admin asks.
curl --fail-with-body --silent --show-error --user "$PRESENTED_TOKEN:" \
  "$ORGTOKENS_ENDPOINT/oauth2/revoke" --data-urlencode "token=$PRESENTED_TOKEN"
ask "$ORGTOKENS_ENDPOINT/oauth2/introspect" --data-urlencode "token=$PRESENTED_TOKEN" # {"active":false}
