"""Makes scenes of the lab, and runs the commands in them.

To start a program takes this kind of machine longer than most programs run; a scene made by a shell starts some fifty.
So one process, which stays small and warm, is forked for every scene, and does by system calls what `mount`, `ip netns`,
`nsenter`, `chroot` and `ping` would do.

Run as `python3 -I -S scene-agent.py SOCKET`. Each line `ID IMAGE` of the input makes a scene, whose first process
connects to SOCKET and says `ID PID DESCRIPTOR`, the last being its root directory; from then on that connection is the scene's: it reads commands (JSON, one a line),
and says `NUMBER STATUS` when one has ended. When its connection closes the scene's first process ends, the kernel kills
all others in its process namespace, and with the last of them the mounts and links are gone: `ID` on our output.
When the input closes we end, and SOCKET's directory with us; the connections close with whoever holds their other ends.

(unshare(2), setns(2), mount(2), pid_namespaces(7); for echo requests icmp(7), ping sockets.)
"""
import ctypes
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import sys
import time
import traceback

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY = 1
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

IO = "/mnt/io"
ROOT = "/mnt/root"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"

libc = ctypes.CDLL(None, use_errno=True)


def call(name, *args):
    if getattr(libc, name)(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{args}: {os.strerror(number)}")


def mount(source, target, kind, options="", flags=0):
    words = [word.encode() for word in (source, target, kind)]
    call("mount", *words, ctypes.c_ulong(flags), options.encode())


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def make_network():
    """A new network, with the kernel's own defaults: it is made with the IPv4 settings of the machine's
    (ip-sysctl, devconf_inherit_init_net)."""
    call("unshare", CLONE_NEWNET)
    for name in ("all", "default"):
        for key in ("rp_filter", "arp_ignore", "arp_announce", "arp_filter"):
            write(f"/proc/sys/net/ipv4/conf/{name}/{key}", "0")
    # Who may open ping sockets; nobody in a new network.
    write("/proc/sys/net/ipv4/ping_group_range", "0 0")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        set_up(any_socket, b"lo")


def set_up(any_socket, link):
    """`ip link set LINK up` (netdevice(7): SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP)."""
    request = struct.pack("16sh14x", link, 0)
    (flags,) = struct.unpack("16xh14x", fcntl.ioctl(any_socket, 0x8913, request))
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", link, flags | 1))


def furnish(image):
    """The machine's own files stay, so that its programs can be run; the image lies beside, with an overlay in memory
    for what is written, and is gone into with chroot.

    networkd and NetworkManager wait for udev unless `/sys` is read-only (systemd, `udev_available()`); the sysfs
    mounted here shows the links of this network alone.
    """
    mount("none", "/", "none", flags=MS_REC | MS_PRIVATE)
    mount("lab", "/mnt", "tmpfs", "mode=0755")
    mount("lab", "/run", "tmpfs", "mode=0755")
    os.mkdir("/run/netns")
    for name in (IO, "/mnt/upper", "/mnt/work", ROOT):
        os.mkdir(name)
    mount("lab", ROOT, "overlay", f"lowerdir={image},upperdir=/mnt/upper,workdir=/mnt/work")
    mount("proc", f"{ROOT}/proc", "proc")
    mount("sysfs", f"{ROOT}/sys", "sysfs", flags=MS_RDONLY)
    mount("run", f"{ROOT}/run", "tmpfs", "mode=0755")
    for name in ("systemd", "lab"):
        os.mkdir(f"{ROOT}/run/{name}")


class Scene:
    """The first process of a scene: runs commands, sends echo requests, until its connection closes."""

    def __init__(self, image, connection):
        self.connection = connection
        call("unshare", CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC)
        # sysfs shows the network in which it is mounted.
        make_network()
        furnish(image)
        self.networks = {}
        self.name_network("host")
        for name in ("guest", "router"):
            self.enter(name)
        self.enter("host")
        # Our own root is another one for a moment whenever we start a program inside: this is not.
        self.outside = os.open("/", os.O_RDONLY)
        self.running = {}
        self.asked = {}

    def enter(self, network):
        """One that is not there is made: stations are as many as a trial names."""
        if network in self.networks:
            call("setns", self.networks[network], CLONE_NEWNET)
            return
        make_network()
        self.name_network(network)

    def name_network(self, name):
        """Of the network that we are in: whoever wants it opens this file (ip-netns(8))."""
        write(f"/run/netns/{name}", "")
        mount("/proc/self/ns/net", f"/run/netns/{name}", "none", flags=MS_BIND)
        self.networks[name] = os.open(f"/run/netns/{name}", os.O_RDONLY)

    def serve(self):
        # Children that end wake the poll below.
        woken, wake = os.pipe()
        for descriptor in (woken, wake):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.poll = select.poll()
        for descriptor in (woken, self.connection.fileno()):
            self.poll.register(descriptor, select.POLLIN)
        rest = b""
        while True:
            for descriptor, _ in self.poll.poll(self.ask_again()):
                if descriptor == woken:
                    os.read(woken, 4096)
                    self.reap()
                elif descriptor == self.connection.fileno():
                    data = self.connection.recv(65536)
                    if not data:
                        return
                    *lines, rest = (rest + data).split(b"\n")
                    for line in lines:
                        self.begin(json.loads(line))
                elif descriptor in self.asked:
                    self.asked[descriptor].hear()

    def end(self, number, status):
        self.connection.sendall(f"{number} {status}\n".encode())

    def begin(self, command):
        number = command["number"]
        self.enter(command["network"])
        try:
            if "ping" in command:
                Question(self, number, command["ping"])
            elif "hostname" in command:
                socket.sethostname(command["hostname"])
                self.end(number, 0)
            elif "read" in command:
                self.read(number, command["read"])
            else:
                self.spawn(number, command)
        except OSError as error:
            write(f"{IO}/{number}.err", str(error))
            self.end(number, 127)
        finally:
            self.enter("host")

    def read(self, number, path):
        """A file of `/proc/net`, which is the reader's network's (proc(5))."""
        with open(path) as file:
            write(f"{IO}/{number}.out", file.read())
        self.end(number, 0)

    def spawn(self, number, command):
        """A child has our network, and our root, in which it is started; it is not forked (posix_spawn(3))."""
        argv = command["argv"]
        files = [
            (os.POSIX_SPAWN_OPEN, 0, command.get("input", "/dev/null"), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, f"{IO}/{number}.out", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
            (os.POSIX_SPAWN_OPEN, 2, f"{IO}/{number}.err", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644),
        ]
        if "third" in command:
            files.append((os.POSIX_SPAWN_OPEN, 3, f"/run/netns/{command['third']}", os.O_RDONLY, 0))
        if not command["isInside"]:
            child = self.child(argv, command, files)
        else:
            # A file of the lab that is to be open in the child is opened on our side of the root.
            opened = [os.open(path, flags, mode) for _, _, path, flags, mode in files]
            moves = [(os.POSIX_SPAWN_DUP2, own, one[1]) for own, one in zip(opened, files)]
            os.chroot(ROOT)
            os.chdir("/")
            try:
                child = self.child(argv, command, moves)
            finally:
                os.fchdir(self.outside)
                os.chroot(".")
                for descriptor in opened:
                    os.close(descriptor)
        self.running[child] = number

    @staticmethod
    def child(argv, command, files):
        return os.posix_spawnp(
            argv[0],
            argv,
            {**os.environ, **command.get("environment", {})},
            file_actions=files,
            setsigmask=[],
            # Python ignores them.
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )

    def reap(self):
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            number = self.running.pop(child, None)
            if number is not None:
                code = os.waitstatus_to_exitcode(status)
                self.end(number, code if code >= 0 else 128 - code)

    def ask_again(self):
        """Sends what is due. @returns milliseconds until the next is"""
        now = time.monotonic()
        for question in list(self.asked.values()):
            question.ask(now)
        times = [question.next for question in self.asked.values()]
        return max(0, (min(times) - time.monotonic()) * 1000) if times else None


class Question:
    """Whether one of several echo requests is answered within two seconds, as with `ping -c 1 -i 0.2 -w 2`."""

    INTERVAL = 0.2
    LIMIT = 2

    def __init__(self, scene, number, address):
        self.scene = scene
        self.number = number
        self.sent = 0
        (self.family, _, _, _, self.to), *_ = socket.getaddrinfo(address, 0, flags=socket.AI_NUMERICHOST)
        is_ipv4 = self.family == socket.AF_INET
        protocol = socket.IPPROTO_ICMP if is_ipv4 else socket.IPPROTO_ICMPV6
        self.request, self.reply = (8, 0) if is_ipv4 else (128, 129)
        self.socket = socket.socket(self.family, socket.SOCK_DGRAM, protocol)
        self.socket.setblocking(False)
        try:
            # Without a route there is no need to wait.
            self.socket.connect(self.to)
        except OSError:
            self.socket.close()
            raise
        self.begun = self.next = time.monotonic()
        scene.asked[self.socket.fileno()] = self
        scene.poll.register(self.socket, select.POLLIN)

    def ask(self, now):
        if now >= self.begun + self.LIMIT:
            self.end(1)
        elif now >= self.next:
            self.sent += 1
            self.next += self.INTERVAL
            try:
                # The kernel fills in the identifier and the checksum.
                self.socket.send(struct.pack("!BBHHH8x", self.request, 0, 0, 0, self.sent))
            except OSError:
                # No answer to ARP, or to neighbour discovery: the next may have one.
                pass

    def hear(self):
        try:
            heard = self.socket.recv(2048)
        except OSError:
            return
        if heard[:1] == bytes([self.reply]):
            self.end(0)

    def end(self, status):
        self.scene.poll.unregister(self.socket)
        del self.scene.asked[self.socket.fileno()]
        self.socket.close()
        self.scene.end(self.number, status)


def be_scene(path, name, image):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    # `/proc` still counts processes as the machine does.
    pid = os.readlink("/proc/self")
    try:
        scene = Scene(image, connection)
    except OSError as error:
        connection.sendall(f"{name} 0 {error}\n".encode())
        return
    connection.sendall(f"{name} {pid} {scene.outside}\n".encode())
    scene.serve()


def main():
    (path,) = sys.argv[1:]
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    os.environ.clear()
    os.environ.update({"PATH": PATH, "LC_ALL": "C", "SYSTEMD_COLORS": "0", "SYSTEMD_LOG_COLOR": "0"})
    woken, wake = os.pipe()
    for descriptor in (woken, wake):
        os.set_blocking(descriptor, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    scenes = {}
    rest = b""
    while True:
        for descriptor in select.select([0, woken], [], [])[0]:
            if descriptor == woken:
                os.read(woken, 4096)
                while scenes:
                    child, _ = os.waitpid(-1, os.WNOHANG)
                    if child == 0:
                        break
                    print(scenes.pop(child), flush=True)
                continue
            data = os.read(0, 65536)
            if not data:
                # Whoever ended us may not have come to it.
                shutil.rmtree(os.path.dirname(path), ignore_errors=True)
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                name, image = line.decode().split(" ", 1)
                # The next child is the first of a new process namespace; all others stay in this one.
                call("unshare", CLONE_NEWPID)
                child = os.fork()
                if child == 0:
                    signal.set_wakeup_fd(-1)
                    try:
                        be_scene(path, name, image)
                    except BaseException:
                        traceback.print_exc()
                    finally:
                        os._exit(0)
                call("setns", own, CLONE_NEWPID)
                scenes[child] = name


main()
