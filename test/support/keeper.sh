#!/bin/sh
# A small program that keeps entries as files: for tests of the store that is any program.
set -eu
folder=$1 verb=$2 entry=$3
case $verb in
write)
  mkdir -p "$folder/$(dirname "$entry")"
  unfinished=$(mktemp "$folder/.unfinished.XXXXXX")
  cat >"$unfinished"
  mv "$unfinished" "$folder/$entry" ;;
read)
  # Not asked for beforehand: somebody may delete it in between.
  cat "$folder/$entry" 2>/dev/null || { [ -e "$folder/$entry" ] || exit 44; exit 1; } ;;
delete)
  [ -f "$folder/$entry" ] || exit 44
  rm "$folder/$entry" ;;
esac
