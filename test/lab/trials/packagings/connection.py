"""How Ansible gets to a machine of the lab: as a login would, and only while the LAN reaches it."""
import json
import os
import shlex
import shutil
import subprocess

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: lab
short_description: a machine of the lab
description: Runs commands in a container, whose files are below a path of this machine.
author: macvtap-render
extends_documentation_fragment:
  - connection_pipelining
"""



def machine():
    """How to get into it: another way after each boot."""
    with open(os.environ["LAB_MACHINE"]) as file:
        return json.load(file)


class Connection(Local):
    transport = "lab"

    def _reach(self):
        there = machine()
        if subprocess.run(there["reach"], capture_output=True).returncode != 0:
            raise AnsibleConnectionFailure("the LAN does not reach the host")
        return there

    def exec_command(self, cmd, in_data=None, sudoable=True):
        inside = shlex.join([*self._reach()["inside"], "env", "HOME=/root", "/bin/sh", "-c", cmd])
        return super().exec_command(inside, in_data=in_data, sudoable=sudoable)

    def put_file(self, in_path, out_path):
        # Local's own would follow the link that the root is.
        shutil.copyfile(in_path, self._reach()["root"] + out_path)

    def fetch_file(self, in_path, out_path):
        shutil.copyfile(self._reach()["root"] + in_path, out_path)

    def reset(self):
        pass
