"""Attaches a program to a link that drops every frame (bpf(2), BPF_PROG_LOAD; rtnetlink(7), IFLA_XDP).

Run as `python3 xdp-drop.py LINK`. Two instructions: `r0 = XDP_DROP; exit`.
"""
import ctypes
import os
import socket
import struct
import sys

SYS_BPF = 321
BPF_PROG_LOAD = 5
BPF_PROG_TYPE_XDP = 6
XDP_DROP = 1
XDP_FLAGS_SKB_MODE = 2
RTM_SETLINK = 19
REQUEST_WITH_ACK = 5
IFLA_XDP = 43 | 0x8000

code = struct.pack("<BBhi", 0xB7, 0, 0, XDP_DROP) + struct.pack("<BBhi", 0x95, 0, 0, 0)
instructions = ctypes.create_string_buffer(code)
licence = ctypes.create_string_buffer(b"GPL")
attributes = ctypes.create_string_buffer(
    struct.pack("<IIQQ", BPF_PROG_TYPE_XDP, 2, ctypes.addressof(instructions), ctypes.addressof(licence)), 120
)
libc = ctypes.CDLL(None, use_errno=True)
program = libc.syscall(SYS_BPF, BPF_PROG_LOAD, attributes, 120)
if program < 0:
    raise OSError(ctypes.get_errno(), "bpf")

nested = struct.pack("<HHi", 8, 1, program) + struct.pack("<HHI", 8, 3, XDP_FLAGS_SKB_MODE)
body = struct.pack("<BxHiII", 0, 0, socket.if_nametoindex(sys.argv[1]), 0, 0)
body += struct.pack("<HH", 4 + len(nested), IFLA_XDP) + nested
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
netlink.send(struct.pack("<IHHII", 16 + len(body), RTM_SETLINK, REQUEST_WITH_ACK, 1, 0) + body)
(error,) = struct.unpack("<i", netlink.recv(4096)[16:20])
if error:
    raise OSError(-error, os.strerror(-error))
