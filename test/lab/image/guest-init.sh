#!/bin/busybox sh
# The first program of a guest: it gives its address to each NIC that it finds, also to one that is plugged in later.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
for module in /modules/*; do insmod "$module"; done
address=$(sed -n 's/.*guest.address=\([^ ]*\).*/\1/p' /proc/cmdline)
gateway=$(sed -n 's/.*guest.gateway=\([^ ]*\).*/\1/p' /proc/cmdline)
while :; do
  for nic in /sys/class/net/eth*; do
    [ -d "$nic" ] || continue
    name=${nic##*/}
    ip -4 addr show dev "$name" | grep -q inet && continue
    ip link set "$name" up
    ip addr add "$address" dev "$name"
    ip route add default via "$gateway"
    # As each system does for an address that is new.
    arping -A -c 1 -w 1 -I "$name" "${address%/*}" >/dev/null 2>&1 &
  done
  usleep 50000
done
