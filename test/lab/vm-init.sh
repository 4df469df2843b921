#!/bin/busybox sh
# The first program of the virtual machine: this machine's files, read-only, with memory on top of them.
PATH=/bin
# Whoever started the machine waits for this line.
echo 'virtual machine: up'
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
for module in /modules/*; do busybox insmod "$module" || echo "insmod $module failed"; done
busybox mkdir -p /lower /upper /new
busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /lower
busybox mount -t tmpfs -o size=80% tmpfs /upper
busybox mkdir /upper/files /upper/work
busybox mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /new
for folder in proc sys dev; do busybox mount --move /$folder /new/$folder; done
busybox mount -t tmpfs tmpfs /new/run
busybox mkdir -p /new/dev/pts /new/dev/shm /new/lib/modules
busybox mount -t devpts devpts /new/dev/pts
busybox mount -t tmpfs tmpfs /new/dev/shm
busybox mount -t cgroup2 cgroup /new/sys/fs/cgroup
busybox mount --bind "/lower$(busybox sed 's/.*macvtap\.modules=\([^ ]*\).*/\1/' /new/proc/cmdline)" /new/lib/modules
exec busybox switch_root /new /bin/sh "$(busybox sed 's/.*macvtap\.command=\([^ ]*\).*/\1/' /new/proc/cmdline)"
