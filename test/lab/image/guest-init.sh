#!/bin/busybox sh
# The first program of a guest: it gives its address to each NIC that it finds, also to one that is plugged in later.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module"; done
address=$(sed -n 's/.*guest.address=\([^ ]*\).*/\1/p' /proc/cmdline)
gateway=$(sed -n 's/.*guest.gateway=\([^ ]*\).*/\1/p' /proc/cmdline)
while :; do
  for nic in /sys/class/net/eth*; do
    [ -d "$nic" ] || continue
    name=${nic##*/}
    # One that is down has no carrier that could be read; it may also lose what it was given while it is plugged in.
    [ "$(cat "$nic/carrier" 2>/dev/null)" = 1 ] && ip -4 addr show dev "$name" | grep -q inet &&
      ip route | grep -q '^default' && continue
    ip link set "$name" up
    ip addr add "$address" dev "$name" 2>/dev/null
    ip route replace default via "$gateway"
    echo "guest: $name"
    # As each system does for an address that is new.
    arping -A -c 1 -w 1 -I "$name" "${address%/*}" >/dev/null 2>&1 &
  done
  usleep 50000
done
