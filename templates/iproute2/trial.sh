# A command that fails ends the script, which then undoes what it did. No word of the plan is a pattern
# (set -f). (POSIX.1, Shell Command Language)
set -efu
umask 077
export LC_ALL=C
STATE=/run/macvtap-trial
LOG=/run/macvtap-trial.log
SILENT=
KEPT=
force=false
problems=0

# Prints messages, and counts what prevents the trial. (POSIX.1, Shell Command Language)
say() {
  printf 'macvtap-trial: %s\n' "$*"
}
problem() {
  say "$*" >&2
  problems=$((problems + 1))
}

# Checked before anything is changed. (ip-link(8))
need_tools() {
  [ "$(id -u)" = 0 ] || problem 'Run this script as root.'
  case $(ip -V 2>&1) in
    *iproute2*) ;;
    *) problem 'ip(8) is missing, or is not the one of iproute2.' ;;
  esac
  [ ! -d "$STATE.undo" ] || problem "An earlier --undo was incomplete: check the links, then remove $STATE.undo."
}
need_nic() {
  if [ ! -e "/sys/class/net/$1" ]; then
    problem "There is no link $1."
    return 0
  fi
  if [ -n "${2:-}" ]; then
    case "$(ip -o link show dev "$1") " in
      *" permaddr $2 "*) ;;
      *" permaddr "*) problem "$1 is another NIC: its permanent MAC is not $2." ;;
      *" link/ether $2 "*) ;;
      *) problem "$1 is another NIC: its MAC is not $2." ;;
    esac
  fi
}
need_no_master() {
  master=$(ip -o link show dev "$1" 2>/dev/null | sed -n 's/.* master \([^ ]*\) .*/\1/p')
  [ "$master" = "${2:-}" ] || [ -z "$master" ] || problem "$1 is a member of $master."
}
need_name() {
  link=$1
  [ -e "/sys/class/net/$link" ] || return 0
  shift
  case "$(ip -d -o link show dev "$link") " in
    *" $* "*) ;;
    *) problem "$link exists already with other settings: it has no '$*'." ;;
  esac
}

# The session that runs the script: sshd puts its addresses into the environment, which sudo and su drop,
# so that of each parent process is read. (ssh(1), SSH_CONNECTION; proc(5), /proc/pid/environ)
falls_silent() {
  SILENT="$SILENT $1"
}
is_kept() {
  KEPT="$KEPT $1"
}
find_session() {
  pid=$$
  client=
  server=
  while [ "${pid:-0}" -gt 1 ]; do
    [ -r "/proc/$pid/environ" ] || return 0
    found=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^SSH_CONNECTION=//p')
    if [ -n "$found" ]; then
      client=${found%% *}
      server=${found#* * }
      server=${server%% *}
      return 0
    fi
    pid=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status" 2>/dev/null) || pid=0
  done
}
need_session() {
  find_session
  [ -n "$server" ] && [ "$force" = false ] || return 0
  for address in $KEPT; do
    [ "$address" != "${server%%%*}" ] || return 0
  done
  for link in $SILENT; do
    [ -z "$(ip -o address show dev "$link" to "${server%%%*}" 2>/dev/null)" ] ||
      problem "Your session uses $server on $link, which would lose it (--force overrides this)."
  done
}
still_in_session() {
  [ -n "$server" ] && [ "$force" = false ] || return 0
  route=$(ip -o route get "$client" from "${server%%%*}" 2>/dev/null) || route=
  for link in '' $SILENT; do
    case "$route " in
      *" dev $link "* | ' ')
        say "There would be no route to $client, from which your session comes." >&2
        return 1
        ;;
    esac
  done
}

# Each change is recorded, and what there was before saved, in a directory that does not survive a reboot.
# (ip-address(8), save; ip-route(8), save)
record() {
  printf '%s\n' "$*" >>"$STATE/journal"
}
save() {
  for link; do
    if [ ! -e "/sys/class/net/$link" ] || [ -e "$STATE/$link.list" ]; then continue; fi
    ip address save dev "$link" >"$STATE/$link.addresses"
    ip -4 route save table all dev "$link" type unicast >"$STATE/$link.routes4"
    ip -6 route save table all dev "$link" type unicast >"$STATE/$link.routes6" 2>/dev/null || :
    ip -o address show dev "$link" scope global >"$STATE/$link.shown"
    while read -r _ _ _ address _; do
      printf '%s\n' "$address"
    done <"$STATE/$link.shown" >"$STATE/$link.list"
    printf '%s\n' "$link" >>"$STATE/links"
  done
}

# The steps of the plan: commands of ip(8) that do not change existing links, and record the rest. (ip(8))
ip_link_add() {
  [ ! -e "/sys/class/net/$1" ] || return 0
  ip link add "$@"
  record "link del dev $1"
}
ip_link_up() {
  [ -z "$(ip -o link show up dev "$1")" ] || return 0
  ip link set dev "$1" up
  record "link set dev $1 down"
}
ip_link_set() {
  old=$(cat "/sys/class/net/$1/$2")
  [ "$old" != "$3" ] || return 0
  ip link set dev "$1" "$2" "$3"
  record "link set dev $1 $2 $old"
}
ip_link_master() {
  [ "$(readlink "/sys/class/net/$1/master" 2>/dev/null | sed 's|.*/||')" != "$2" ] || return 0
  if ! ip link set dev "$1" master "$2" 2>/dev/null; then
    [ -z "$(ip -o link show up dev "$1")" ] || record "link set dev $1 up"
    ip link set dev "$1" down
    ip link set dev "$1" master "$2"
  fi
  record "link set dev $1 nomaster"
}
ip_source_add() {
  case "$(ip -d -o link show dev "$1") " in
    *" $3 "*) return 0 ;;
  esac
  ip link set dev "$1" type "$2" macaddr add "$3"
}
# Linux and iproute2 know `bcqueuelen` from 5.11 on, `bclim` from 6.4 on.
ip_link_queue() {
  ip link set dev "$1" type macvlan "$2" "$3" 2>/dev/null || say "The broadcast queue of $1 is not set." >&2
}
ip_link_allmulticast() {
  ip link set dev "$1" allmulticast on
}
# Whether the device $1 has the numbers in the file $2: another network namespace may have a tap of the same index.
is_device() {
  IFS=: read -r major minor <"$2" && [ "$(stat -c %t:%T "$1")" = "$(printf %x:%x "$major" "$minor")" ]
}
# udev creates the device a moment after the link.
ip_tap_access() {
  read -r tap <"/sys/class/net/$1/ifindex"
  tries=50
  while [ "$tries" -gt 0 ] && [ ! -c "/dev/tap$tap" ]; do
    sleep 0.1 2>/dev/null || sleep 1
    tries=$((tries - 1))
  done
  if [ ! -c "/dev/tap$tap" ]; then
    say "$1 has no device /dev/tap$tap: is udev running?"
    return 0
  fi
  if ! is_device "/dev/tap$tap" "/sys/class/net/$1/tap$tap/dev"; then
    say "/dev/tap$tap is not the device of $1, but that of another network namespace."
    return 0
  fi
  chmod "$2" "/dev/tap$tap"
  [ -z "${3:-}" ] || chown "$3" "/dev/tap$tap"
}
ip_token_set() {
  old=$(ip token get dev "$1" | sed -n 's/^token \([^ ]*\) .*/\1/p')
  [ "$old" != "$2" ] || return 0
  ip token set "$2" dev "$1"
  record "token set ${old:-::} dev $1"
}
stable_secret() {
  path=net/ipv6/conf/$1
  if [ ! -e "/proc/sys/$path/stable_secret" ] || [ ! -s /etc/machine-id ]; then return 0; fi
  old=$(cat "/proc/sys/$path/addr_gen_mode")
  sed 's/..../&:/g; s/:$//' /etc/machine-id >"/proc/sys/$path/stable_secret"
  printf '%s %s\n' "$path/addr_gen_mode" "$old" >>"$STATE/kernel"
}
ip_address_flush() {
  ip address flush dev "$1"
}
ip_address_add() {
  [ -z "$(ip -o address show dev "$1" to "$2" scope global)" ] || return 0
  device=$1
  shift
  ip address add dev "$device" "$@"
  record "address del dev $device $1"
}
ip_address_wait() {
  tries=50
  while [ "$tries" -gt 0 ] && [ -n "$(ip -6 -o address show dev "$1" tentative)" ]; do
    sleep 0.1 2>/dev/null || sleep 1
    tries=$((tries - 1))
  done
}
ip_route_add() {
  device=$1
  shift
  if output=$(ip route add "$@" dev "$device" 2>&1); then
    record "route del $* dev $device"
  elif [ -z "$(ip "-$(family "$1")" route show table all to exact "$1" dev "$device")" ]; then
    say "$output" >&2
    return 1
  fi
}
ip_rule_add() {
  version=$(family "$2")
  if output=$(ip "-$version" rule add "$@" 2>&1); then
    printf '%s\n' "rule del $*" >>"$STATE/rules$version"
  else
    case $output in
      *xist*) ;;
      *)
        say "$output" >&2
        return 1
        ;;
    esac
  fi
}
family() {
  case $1 in
    *:*) echo 6 ;;
    *) echo 4 ;;
  esac
}
kernel() {
  [ -e "/proc/sys/$1" ] || return 0
  old=$(cat "/proc/sys/$1")
  [ "$old" != "$2" ] || return 0
  printf '%s\n' "$2" >"/proc/sys/$1"
  printf '%s %s\n' "$1" "$old" >>"$STATE/kernel"
}

# Neighbours learn where an address is from a request; without one they send to its old MAC for up to
# half a minute. (RFC 826; ip-neighbour(8), flush)
another_address() {
  last=${1%/*}
  last=${last##*.}
  case ${1#*/} in
    32) return 0 ;;
    31) last=$((last + 1 - last % 2 * 2)) ;;
    *) if [ $((last % 4)) = 1 ]; then last=$((last + 1)); else last=$((last - last % 4 + 1)); fi ;;
  esac
  printf '%s\n' "${1%.*}.$last"
}
ask() {
  tries=3
  while [ "$tries" -gt 0 ] && ! ping -n -c 1 -W 1 "$1" >/dev/null 2>&1; do
    tries=$((tries - 1))
  done
}
announce() {
  command -v ping >/dev/null || return 0
  asking=
  for link; do
    if [ ! -e "/sys/class/net/$link" ]; then continue; fi
    ip neigh flush dev "$link" 2>/dev/null || :
    ip -4 -o address show dev "$link" scope global >"$LOG.addresses"
    while read -r _ _ _ address _; do
      other=$(another_address "$address")
      if [ -n "$other" ]; then
        ask "$other" &
        asking="$asking $!"
      fi
    done <"$LOG.addresses"
    rm -f "$LOG.addresses"
    for gateway in $(ip -4 route show dev "$link" | sed -n 's/.* via \([^ ]*\) .*/\1/p') \
      $(ip -6 route show dev "$link" 2>/dev/null | sed -n 's/.* via \([^ ]*\) .*/\1/p' | grep -v '^fe80'); do
      ask "$gateway" &
      asking="$asking $!"
    done
  done
  for asked in $asking; do wait "$asked" || :; done
}

# Undoes it: what was created goes, the last first; then settings, addresses and routes are restored.
# (ip(8), -batch; ip-address(8), restore; ip-route(8), restore)
backwards() {
  if [ -e "$1" ]; then sed '1!G;h;$!d' "$1"; fi
}
undo() {
  gone=$STATE.undo
  if [ -d "$STATE" ] && [ ! -d "$gone" ]; then mv "$STATE" "$gone"; fi
  if [ ! -d "$gone" ]; then
    say 'nothing to undo'
    return 0
  fi
  for version in 4 6; do
    backwards "$gone/rules$version" >"$gone/batch"
    ip "-$version" -force -batch "$gone/batch" >/dev/null 2>&1 || :
  done
  backwards "$gone/journal" >"$gone/batch"
  ip -force -batch "$gone/batch" >/dev/null 2>&1 || :
  backwards "$gone/kernel" >"$gone/settings"
  while read -r path old; do
    [ ! -e "/proc/sys/$path" ] || printf '%s\n' "$old" >"/proc/sys/$path" || :
  done <"$gone/settings"
  if [ -e "$gone/links" ]; then
    while read -r link; do
      ip address restore <"$gone/$link.addresses" >/dev/null 2>&1 || :
      ip route restore <"$gone/$link.routes4" >/dev/null 2>&1 || :
      ip -6 route restore <"$gone/$link.routes6" >/dev/null 2>&1 || :
    done <"$gone/links"
    # shellcheck disable=SC2046
    announce $(cat "$gone/links")
  fi
  verify_undo || return 1
  rm -r "$gone"
  say 'everything is undone'
}
verify_undo() {
  wrong=0
  sed -n 's/^link del dev //p' "$gone/batch" >"$gone/made"
  while read -r link; do
    if [ -e "/sys/class/net/$link" ]; then
      say "$link still exists." >&2
      wrong=1
    fi
  done <"$gone/made"
  if [ -e "$gone/links" ]; then
    while read -r link; do
      while read -r address; do
        if [ -z "$(ip -o address show dev "$link" to "$address")" ]; then
          say "$address is not back on $link." >&2
          wrong=1
        fi
      done <"$gone/$link.list"
    done <"$gone/links"
  fi
  return "$wrong"
}
failed() {
  status=$?
  trap - EXIT
  say 'it failed; undoing everything' >&2
  undo >&2 || :
  exit "$status"
}

# The timed rollback is armed first, and runs whatever becomes of the session. (POSIX.1, Shell Command Language)
arm() {
  token=$$
  printf '%s\n' "$token" >"$STATE/timer"
  (
    trap '' HUP INT TERM
    sleep "$1"
    if [ "$(cat "$STATE/timer" 2>/dev/null)" = "$token" ]; then undo; fi
  ) </dev/null >>"$LOG" 2>&1 &
}

# Follows the plan: checks, or steps. A line names a function of this script and its arguments; no other
# word in it is ever a command. (POSIX.1, Shell Command Language)
follow_plan() {
  while read -r step words <&3; do
    case $1:$step in
      checks:need_nic | checks:need_no_master | checks:need_name | checks:falls_silent | checks:is_kept) ;;
      steps:save | steps:ip_* | steps:kernel | steps:stable_secret | steps:announce) ;;
      *) continue ;;
    esac
    # shellcheck disable=SC2086
    "$step" $words
  done 3<<END
$PLAN
END
}
check() {
  need_tools
  follow_plan checks
  need_session
  [ "$problems" = 0 ]
}
make() {
  check || exit 1
  mkdir -p "$STATE"
  trap failed EXIT
  trap 'exit 1' HUP INT TERM
  [ -z "$seconds" ] || arm "$seconds"
  follow_plan steps
  still_in_session
  trap - EXIT HUP INT TERM
  if [ -n "$seconds" ]; then
    say "made; undone in $seconds s unless you run: macvtap-trial --keep"
  elif [ -e "$STATE/timer" ]; then
    say 'made; the timer of an earlier --try is still running unless you run: macvtap-trial --keep'
  else
    say 'made; macvtap-trial --undo undoes it'
  fi
}
keep() {
  [ -d "$STATE" ] || {
    say 'nothing to keep' >&2
    exit 1
  }
  rm -f "$STATE/timer"
  say 'kept until the next boot, or until macvtap-trial --undo'
}

# Reads the options, and does what they ask for. (POSIX.1, Shell Command Language)
usage() {
  say 'usage: macvtap-trial [--try SECONDS | --keep | --undo | --check] [--force]' >&2
  exit 2
}
seconds=
action='make'
while [ "$#" -gt 0 ]; do
  case $1 in
    --force) force=true ;;
    --try)
      seconds=${2:-}
      case $seconds in
        '' | 0* | *[!0-9]* | ??????*) usage ;;
      esac
      shift
      ;;
    --keep | --undo | --check) action=${1#--} ;;
    *) usage ;;
  esac
  shift
done
[ -z "$seconds" ] || [ "$action" = make ] || usage
if [ "$action" = check ]; then
  check || exit 1
  say 'nothing prevents it'
else
  "$action"
fi
