#!/bin/sh
# Stands in for 1Password's `op` 2, which needs an account: takes only the calls that its reference documents, in their exact shape,
# notes the arguments of each in ARGUMENTS_FILE, and keeps documents as files.
# https://developer.1password.com/docs/cli/reference/management-commands/document
set -eu
printf '%s\n' "$*" >>"$ARGUMENTS_FILE"
[ "${OP_SERVICE_ACCOUNT_TOKEN:-}" = ops_valid ] || { echo "[ERROR] you are not currently signed in" >&2; exit 1; }
fail() { echo "[ERROR] $1" >&2; exit 1; }
vault() { [ "$1" = --vault ] && [ "$2" = ci ] || fail "\"$2\" isn't a vault in this account"; }
path() { printf '%s/%s' "$DOCUMENTS" "$(printf %s "$1" | sha256sum | cut -c 1-64)"; }
known() { [ -f "$(path "$1").title" ] || fail "\"$1\" isn't an item in the \"ci\" vault"; }
keep() { cat >"$(path "$1")"; printf %s "$1" >"$(path "$1").title"; }
case "$#:$1 ${2:-}" in
"1:whoami ") echo "User Type: SERVICE_ACCOUNT" ;;
"6:document list") vault "$3" "$4"; [ "$5 $6" = "--format json" ] || fail "unknown flag"
  find "$DOCUMENTS" -name '*.title' -exec jq -Rs '{title: .}' {} \; | jq -s . ;;
"5:document get") vault "$4" "$5"; known "$3"; cat "$(path "$3")" ;;
"7:document create") [ "$3 $4" = "- --title" ] || fail "unknown flag"; vault "$6" "$7"; keep "$5"; echo '{"uuid":"x"}' ;;
"6:document edit") [ "$4" = - ] || fail "unknown flag"; vault "$5" "$6"; known "$3"; keep "$3" ;;
"5:document delete") vault "$4" "$5"; known "$3"; rm "$(path "$3")" "$(path "$3").title" ;;
*) fail "unknown command" ;;
esac
