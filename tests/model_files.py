"""Model files taken apart and put together again, with a checksum that is right."""

import hashlib
import json

MARK = b'{\\"sha256\\":\\"'


def split_file(content):
    """Header and description as dicts, and the bytes of the arrays."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    return header, json.loads(header["__metadata__"]["sklearn_protlstm"]), content[end:]


def join_file(header, description, data):
    """A file of these parts; header and description may also be text that is no JSON."""
    if not isinstance(description, str):
        description = json.dumps({**description, "sha256": "0" * 64}, separators=(",", ":"))
    if not isinstance(header, bytes):
        header = {**header, "__metadata__": {"sklearn_protlstm": description}}
        header = json.dumps(header, separators=(",", ":")).encode()
    return mend(len(header).to_bytes(8, "little") + header + data)


def mend(content):
    """The same file with the checksum that it should have, as far as it has a place for one."""
    end = 8 + int.from_bytes(content[:8], "little")
    start = content.find(MARK, 8, end) + len(MARK)
    if start < len(MARK) or start + 64 > end:
        return content
    blank = content[:start] + b"0" * 64 + content[start + 64 :]
    digest = hashlib.sha256(blank).hexdigest().encode()
    return content[:start] + digest + content[start + 64 :]


def change(content, path, value):
    """A file with one entry of its description changed; a value of ... removes it."""
    header, description, data = split_file(content)
    place = description
    for key in path[:-1]:
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return join_file(header, description, data)
