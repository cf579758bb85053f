"""Take model files apart, change them, and put them together with a correct checksum."""

import hashlib
import json

CHECKSUM_START = b'{\\"sha256\\":\\"'


def split_file(content):
    """Return the header and the description as dicts, and the bytes of the arrays."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    return header, json.loads(header["__metadata__"]["sklearn_protlstm"]), content[end:]


def join_file(header, description, data):
    """Return the bytes of a file. Give the header or description as text to write invalid JSON."""
    if not isinstance(description, str):
        description = json.dumps({**description, "sha256": "0" * 64}, separators=(",", ":"))
    if not isinstance(header, bytes):
        header = {**header, "__metadata__": {"sklearn_protlstm": description}}
        header = json.dumps(header, separators=(",", ":")).encode()
    return mend(len(header).to_bytes(8, "little") + header + data)


def mend(content):
    """Return the file with a correct checksum, or unchanged if it has no place for one."""
    end = 8 + int.from_bytes(content[:8], "little")
    start = content.find(CHECKSUM_START, 8, end) + len(CHECKSUM_START)
    if start < len(CHECKSUM_START) or start + 64 > end:
        return content
    blank = content[:start] + b"0" * 64 + content[start + 64 :]
    digest = hashlib.sha256(blank).hexdigest().encode()
    return content[:start] + digest + content[start + 64 :]


def change(content, path, value):
    """Return the file with one entry of its description set to a value, or removed by `...`."""
    header, description, data = split_file(content)
    parent = description
    for key in path[:-1]:
        parent = parent[key]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return join_file(header, description, data)
