"""Forwards frames between a macvtap, which this network has, and a tap in the network of a guest.

That is what a hypervisor does for a guest without vhost. Run as `python3 macvtap-relay.py MACVTAP TAP`, with the
guest's network namespace open as file descriptor 3; prints `ready` and ends when it is killed.
(Documentation/networking/tuntap in the kernel's sources; setns(2).)
"""
import ctypes
import fcntl
import glob
import os
import select
import stat
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000
GUEST = 3


def open_device(path, numbers, name):
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(*numbers))
        except FileExistsError:
            pass  # Two guests of one host, at the same moment.
    device = os.open(path, os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


macvtap, tap = sys.argv[1:]
with open(glob.glob(f"/sys/class/net/{macvtap}/tap*/dev")[0]) as file:
    numbers = [int(number) for number in file.read().split(":")]
host = open_device(f"/dev/lab/{macvtap}", numbers, macvtap)

libc = ctypes.CDLL(None, use_errno=True)
if libc.setns(GUEST, CLONE_NEWNET) != 0:
    raise OSError(ctypes.get_errno(), "setns")
guest = open_device("/dev/lab/tun", (10, 200), tap)

print("ready", flush=True)
other = {host: guest, guest: host}
while True:
    for source in select.select([host, guest], [], [])[0]:
        try:
            os.write(other[source], os.read(source, 65536))
        except OSError:
            # The other side is not up yet, or down again: the frame is lost, as on a cable.
            pass
