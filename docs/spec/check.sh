#!/bin/sh
# check.sh CONFIG [MUTATION]: checks the model with TLC; see README.md.
#   CONFIG: crash wipe both three trim live deep;  TLC=path of the jar, HEAP=10g, LIMIT=3600
set -eu
here=$(cd "$(dirname "$0")" && pwd); config=$1; mutation=${2:-none}
case $config in #  owners batches segments tries crashes wipes trims widths
  crash) set -- 2 2 3 1 1 0 FALSE '{3}' ;;
  wipe)  set -- 2 2 3 1 0 1 FALSE '{2, 3}' ;;
  both)  set -- 2 1 3 2 1 1 FALSE '{2, 3}' ;;
  deep)  set -- 2 2 3 2 1 1 FALSE '{3}' ;;
  three) set -- 3 1 3 2 0 1 FALSE '{2, 3}' ;;
  trim)  set -- 2 2 3 2 0 0 TRUE '{3}' ;;
  live)  set -- 2 1 3 1 0 1 FALSE '{2, 3}' ;;
  *) echo "unknown config $config" >&2; exit 2 ;;
esac
batches='{b1, b2}'; [ "$2" = 1 ] && batches='{b1}'; [ "$2" = 3 ] && batches='{b1, b2, b3}'
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cp "$here/ReplicatedLog.tla" "$dir"
{
  echo "CONSTANTS D = {d1, d2, d3} B = $batches N = $1 Qa = 2 Widths = $8 MaxSeg = $3 MaxTry = $4"
  echo "  MaxCrash = $5 MaxWipe = $6 Trims = $7 M = \"$mutation\""
  for v in d1 d2 d3 $(echo "$batches" | tr -d '{},'); do echo "  $v = $v"; done
  echo "CHECK_DEADLOCK FALSE"
  if [ "$config" = live ]; then echo "SPECIFICATION Fair PROPERTY TakeoverCompletes"
  else echo "SPECIFICATION Spec SYMMETRY Symmetry PROPERTY I5_EndIsFinal INVARIANTS I1_AcknowledgedStays
  I2_NoDuplicates I3_ExposedStays I4_OneValue I6_EpochsGrow I7_LatestOffset"; fi
} > "$dir/ReplicatedLog.cfg"
cd "$dir"
exec_java() { timeout "${LIMIT:-3600}" java -XX:+UseParallelGC "-Xmx${HEAP:-10g}" -cp "$TLC" tlc2.TLC -workers 2 -nowarning "$@"; }
exec_java ReplicatedLog
