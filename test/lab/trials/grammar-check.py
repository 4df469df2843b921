"""What libnm and yamllint say of files: run in an image, with a directory for each rendering.

    python3 grammar-check.py DIRECTORY

prints a line `DIRECTORY/…: what is wrong` for each thing, and nothing for files that are right.

libnm reads a keyfile and writes it again: a key that it does not know is then missing, and no
error reports it. yamllint finds keys that stand twice, which netplan takes.
"""
import os
import sys

import gi

gi.require_version("NM", "1.0")
from gi.repository import GLib, NM  # noqa: E402
from yamllint import linter  # noqa: E402
from yamllint.config import YamlLintConfig  # noqa: E402

YAML = YamlLintConfig("{rules: {key-duplicates: enable, indentation: enable, trailing-spaces: enable}}")


def profile(path):
    keyfile = GLib.KeyFile()
    keyfile.load_from_file(path, GLib.KeyFileFlags.NONE)
    # Newer versions rename keys in what they are given to read.
    given = [
        (group, key, keyfile.get_value(group, key))
        for group in keyfile.get_groups()[0]
        for key in keyfile.get_keys(group)[0]
    ]
    try:
        connection = NM.keyfile_read(
            keyfile, os.path.dirname(path), NM.KeyfileHandlerFlags.NONE, None, None
        )
        connection.normalize()
    except GLib.Error as error:
        return ["libnm: " + error.message]
    written = NM.keyfile_write(connection, NM.KeyfileHandlerFlags.NONE, None, None)
    return [
        "libnm does not know [%s] %s" % (group, key)
        for group, key, value in given
        if not is_kept(connection, written, group, RENAMED.get(key, key), value)
        and not is_kept(connection, written, group, key, value)
    ]


# Since 1.46 these are written by other words.
RENAMED = {"master": "controller", "slave-type": "port-type"}


def is_kept(connection, written, group, key, value):
    if group in written.get_groups()[0] and key in written.get_keys(group)[0]:
        return True
    # The default is not written.
    setting = connection.get_setting_by_name(group)
    known = setting and setting.find_property(key)
    if known and str(known.default_value).lower() == value.lower():
        return True
    # Older versions write it behind the first address.
    if key == "gateway":
        return setting is not None and setting.get_gateway() == value
    return False


def yaml(path):
    with open(path) as file:
        return ["yamllint: line %d: %s" % (one.line, one.message) for one in linter.run(file.read(), YAML)]


for directory, _, names in sorted(os.walk(sys.argv[1])):
    for name in sorted(names):
        path = os.path.join(directory, name)
        found = []
        if name.endswith(".nmconnection"):
            found = profile(path)
        elif name.endswith(".yaml"):
            found = yaml(path)
        for line in found:
            print("%s: %s" % (path, line))
