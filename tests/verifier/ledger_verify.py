#!/usr/bin/env python3
"""Checks a ledger, a proof or the growth of a ledger without Zeef, from docs/ledger.md and the RFCs alone.

Ends with 0 and says what was checked, or with 1 and says in one line what is wrong.
"""

import argparse
import base64
import calendar
import hashlib
import json
import sys
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NO_ID = bytes(16)
ACTORS = {1: "administrator", 2: "device", 3: "retention", 4: "user", 5: "service"}
# How many bytes follow the kind.
LENGTHS = {
    1: 0, 2: 16, 3: 24, 4: 20, 5: 16, 6: 16, 7: 16, 8: 16, 9: 16, 10: 8, 11: 8, 12: 24, 13: 16,
    14: 8, 15: 16, 16: 16, 17: 16, 18: 48, 19: 16,
    32: 17, 33: 17, 34: 24, 35: 17, 36: 16, 37: 16, 38: 16, 39: 16, 40: 16,
    48: 40, 49: 8,
    128: 40, 129: 16, 130: 16, 131: 16, 132: 16, 133: 0, 134: 0, 135: 16, 136: 8,
    137: 8, 138: 16, 139: 8, 140: 8, 141: 1, **{tag: 16 for tag in range(142, 148)},
    154: 17, 155: 16, 156: 16,
}


class Wrong(Exception):
    """Something is not as it should be."""


def require(condition, what):
    if not condition:
        raise Wrong(what)


def from_hex(text, length, what):
    try:
        value = bytes.fromhex(text)
    except (TypeError, ValueError):
        raise Wrong(f"{what} is not hex") from None
    require(value.hex() == text and (length is None or len(value) == length), f"{what} has another form")
    return value


def from_base64(text, length, what):
    try:
        value = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (TypeError, ValueError):
        raise Wrong(f"{what} is not base64url") from None
    same = base64.urlsafe_b64encode(value).rstrip(b"=").decode() == text
    require(same and len(value) == length, f"{what} has another form")
    return value


def leaf_hash(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_entry(entry, index, previous):
    """The form of an entry, its place, and the entry that it follows (None where that is not known)."""
    name = f"entry {index}"
    require(len(entry) >= 83 and entry[0] == 1, f"{name} is no entry of version 1")
    organisation, actor, user, kind = entry[17:33], entry[33], entry[34:50], entry[82]
    require(kind in LENGTHS and len(entry) == 83 + LENGTHS[kind], f"{name} is of no known kind, or of another length")
    require(actor in ACTORS, f"{name} is of no known actor")
    require((user != NO_ID) == (ACTORS[actor] in ("user", "service")), f"{name} names a user where none acted, or none where one did")
    require((organisation != NO_ID) == (kind < 128), f"{name} is of an organisation where its kind is not, or of none")
    require(int.from_bytes(entry[1:9], "big") == index, f"{name} was written at another place")
    require(previous is None or entry[50:82] == previous, f"{name} does not follow from the one before it")


class Head:
    """A signed head, whose signature holds."""

    def __init__(self, json_head, key=None):
        known = {"version", "installation", "size", "root", "time", "key", "signature"}
        require(isinstance(json_head, dict) and set(json_head) == known, "the head has other parts than a head has")
        require(json_head["version"] == 1, "the head is of another version")
        self.installation = from_hex(json_head["installation"], 16, "the head's installation")
        self.size = json_head["size"]
        require(type(self.size) is int and 0 <= self.size < 2**64, "the head's size is none")
        self.root = from_hex(json_head["root"], 32, "the head's root")
        try:
            seconds = calendar.timegm(time.strptime(json_head["time"], "%Y-%m-%dT%H:%M:%SZ"))
        except (TypeError, ValueError):
            raise Wrong("the head's time is none") from None
        self.key = from_base64(json_head["key"], 32, "the head's key")
        require(key is None or key == self.key, "the head is by another key than the one that is known")
        signature = from_base64(json_head["signature"], 64, "the head's signature")
        signed = b"zeef ledger head v1\x00" + self.installation + self.size.to_bytes(8, "big")
        signed += seconds.to_bytes(8, "big", signed=True) + self.root
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, signed)
        except InvalidSignature:
            raise Wrong("the head's signature is not by its key, or the head was changed") from None

    def require_same_ledger(self, other):
        same = self.installation == other.installation and self.key == other.key
        require(same, "the two heads are of different ledgers")


def check_inclusion(head, index, leaf, path):
    """RFC 9162, section 2.1.3.2."""
    require(index < head.size, f"entry {index} is not among the {head.size} of the head")
    fn, sn, found = index, head.size - 1, leaf
    for step in path:
        require(sn != 0, "the proof is too long")
        if fn & 1 or fn == sn:
            found = node_hash(step, found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, step)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and found == head.root, f"the proof does not lead from entry {index} to the head's root")


def check_consistency(old, new, path):
    """RFC 9162, section 2.1.4.2."""
    require(0 < old.size <= new.size, "the newer head has fewer entries, or the older one none")
    wrong = "the ledger of the newer head does not begin with that of the older one"
    if old.size == new.size:
        require(not path and old.root == new.root, wrong)
        return
    if old.size & (old.size - 1) == 0:
        path = [old.root] + path
    require(path, "the proof is too short")
    fn, sn = old.size - 1, new.size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for step in path[1:]:
        require(sn != 0, "the proof is too long")
        if fn & 1 or fn == sn:
            first, second = node_hash(step, first), node_hash(step, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, step)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0 and first == old.root and second == new.root, wrong)


def root_of(peaks):
    """The root over perfect subtrees, given as pairs of their size and root, the largest first."""
    if not peaks:
        return hashlib.sha256().digest()
    found = peaks[-1][1]
    for _, peak in reversed(peaks[:-1]):
        found = node_hash(peak, found)
    return found


def check_export(lines, kept, key):
    """Every entry, the chain, the tree, and the heads."""
    newest = Head(json.loads(lines[-1])["head"], key)
    for head in kept:
        head.require_same_ledger(newest)
        require(head.size <= newest.size, f"the entries {newest.size} to {head.size - 1} are missing: a kept head has them")
    heads = [*kept, newest]
    peaks, previous = [], bytes(32)
    for index, line in enumerate(lines[:-1]):
        stored = json.loads(line)
        require(stored["index"] == index, f"entry {index} is missing")
        entry = from_hex(stored["entry"], None, f"entry {index}")
        check_entry(entry, index, previous)
        previous = leaf_hash(entry)
        peaks.append((1, previous))
        while len(peaks) > 1 and peaks[-1][0] == peaks[-2][0]:
            (size, right), (_, left) = peaks.pop(), peaks.pop()
            peaks.append((2 * size, node_hash(left, right)))
        for head in heads:
            if head.size == index + 1:
                require(root_of(peaks) == head.root, f"the first {head.size} entries are not those that were signed")
    entries = len(lines) - 1
    require(entries >= newest.size, f"the entries {entries} to {newest.size - 1} are missing")
    require(entries <= newest.size, f"the entries from {newest.size} on are under no signed head")
    return newest, f"{entries} entries and {len(kept)} kept heads agree with the head"


def check_proof(proof, key):
    """That an entry is in the ledger of a head."""
    head, index = Head(proof["head"], key), proof["index"]
    require(type(index) is int and index >= 0, "the index is none")
    entry = from_hex(proof["entry"], None, "the entry")
    check_entry(entry, index, None)
    check_inclusion(head, index, leaf_hash(entry), hashes(proof["path"]))
    return head, f"entry {index} is one of the {head.size} of the head"


def check_growth(proof, key):
    """That a ledger goes on from an older head."""
    old, new = Head(proof["old"], key), Head(proof["head"], key)
    old.require_same_ledger(new)
    check_consistency(old, new, hashes(proof["path"]))
    return new, f"the ledger of {new.size} entries begins with that of {old.size}"


def hashes(path):
    require(isinstance(path, list), "the path is no list")
    return [from_hex(step, 32, "a hash of the path") for step in path]


def read(name):
    with open(name, encoding="utf-8") as file:
        return file.read()


def run(arguments):
    key = from_base64(arguments.key, 32, "the key") if arguments.key else None
    if arguments.what == "export":
        kept = [Head(json.loads(read(name)), key) for name in arguments.heads]
        return check_export(read(arguments.file).splitlines(), kept, key)
    proof = json.loads(read(arguments.file))
    return check_proof(proof, key) if arguments.what == "proof" else check_growth(proof, key)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["export", "proof", "consistency"])
    parser.add_argument("file", help="what `zeef-collector ledger` printed")
    parser.add_argument("--key", help="the ledger's public key, as known from elsewhere")
    parser.add_argument("--heads", nargs="+", default=[], help="heads that were kept; for an export")
    arguments = parser.parse_args()
    try:
        head, said = run(arguments)
    except (Wrong, OSError) as error:
        print(f"ledger_verify: {error}", file=sys.stderr)
        return 1
    except (ValueError, KeyError, IndexError, TypeError):
        print(f"ledger_verify: {arguments.file} is not what `zeef-collector ledger` prints", file=sys.stderr)
        return 1
    print(f"{said}; installation {head.installation.hex()}, root {head.root.hex()}")
    if not arguments.key:
        key = base64.urlsafe_b64encode(head.key).rstrip(b"=").decode()
        print(f"The key was taken from the head; compare it with the one that you know: {key}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
