#!/usr/bin/env python3
"""Checks access packages without Zeef, from docs/access.md, docs/ledger.md and the RFCs alone.

Ends with 0 if every package is whole, or with 1. Says one line for each: what it proves, or what is wrong.
"""

import argparse
import base64
import hashlib
import json
import struct
import sys
import zlib

from ledger_verify import Head, Wrong, check_entry, check_inclusion, from_base64, from_hex, hashes, leaf_hash, require
from receipt_verify import canonical, identifier, members, number

PACKAGE_MADE = 48
FILES = [
    ("LEESMIJ.txt", "README.txt"), ("data.json",), ("data.schema.json",), ("data.csv",),
    ("overzicht.html", "overview.html"),
]
FACTS = {"archive", "asked", "counts", "files", "made_at", "organisation", "policy"}
COMMON = struct.Struct("<HHHHHIIIHH")
FORM = "it is not a package in its one form"


class Archive:
    """Reads the members one after the other, and writes the directory that must follow them."""

    def __init__(self, content):
        self.content, self.at, self.directory, self.count = content, 0, b"", 0

    def take(self, length):
        piece = self.content[self.at:self.at + length]
        require(len(piece) == length, FORM)
        self.at += length
        return piece

    def member(self, names, method):
        begins = self.at
        require(self.take(4) == b"PK\x03\x04", FORM)
        common = self.take(COMMON.size)
        needs, flags, how, time, date, crc, stored, size, length, extra = COMMON.unpack(common)
        require((needs, flags, how, time, date, extra) == (20, 0, method, 0, 0x21, 0), FORM)
        name = self.take(length)
        require(name.decode("ascii", "replace") in names, FORM)
        content = self.take(stored)
        if method:
            decoder = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                content = decoder.decompress(content, size + 1)
            except zlib.error:
                raise Wrong(FORM) from None
            require(decoder.eof and not decoder.unused_data and not decoder.unconsumed_tail, FORM)
        require(len(content) == size and zlib.crc32(content) == crc, FORM)
        self.directory += b"PK\x01\x02" + struct.pack("<H", 20) + common + bytes(10) + struct.pack("<I", begins) + name
        self.count += 1
        return name.decode(), content

    def end(self):
        counts = struct.pack("<HHHHIIH", 0, 0, self.count, self.count, len(self.directory), self.at, 0)
        require(self.content[self.at:] == self.directory + b"PK\x05\x06" + counts, FORM)


def check_manifest(text, key):
    """The one spelling, the head's signature, the entry's place under it, and the facts' digest in the entry."""
    try:
        manifest = json.loads(text.decode("utf-8"))
    except ValueError:
        raise Wrong("its manifest is no JSON") from None
    members(manifest, {"entry", "facts", "head", "path", "version"}, "the manifest")
    require(type(manifest["version"]) is int and manifest["version"] == 1, "it is of another version")
    require(canonical(manifest) + b"\n" == text, "its manifest is spelled in another way than one is")
    facts, head = manifest["facts"], Head(manifest["head"], key)
    members(facts, FACTS, "what it tells of itself")
    members(facts["counts"], {"devices", "looks", "redacted", "values"}, "the counts")
    for name, count in facts["counts"].items():
        number(count, f"the count of {name}")
    require(type(facts["made_at"]) is int, "the time is none")
    entry = from_hex(manifest["entry"], None, "the entry")
    require(len(entry) > 9, "the entry is too short")
    index = int.from_bytes(entry[1:9], "big")
    check_entry(entry, index, None)
    check_inclusion(head, index, leaf_hash(entry), hashes(manifest["path"]))
    require(entry[82] == PACKAGE_MADE, "the ledger's entry is not about a package")
    told = hashlib.sha256(b"zeef package v1\x00" + canonical(facts)).digest()
    told += facts["counts"]["devices"].to_bytes(8, "big")
    require(entry[83:] == told, "the ledger's entry is about something else than the manifest tells")
    require(entry[17:33] == identifier(facts["organisation"], "the organisation's id"), "it is of another organisation")
    require(int.from_bytes(entry[9:17], "big", signed=True) == facts["made_at"], "it was at another time")
    return facts, head


def check(content, key):
    archive = Archive(content)
    found = [archive.member(names, 8) for names in FILES]
    before = content[:archive.at]
    _, manifest = archive.member(("manifest.json",), 0)
    archive.end()
    facts, head = check_manifest(manifest, key)
    told = [{"bytes": len(text), "name": name, "sha256": hashlib.sha256(text).hexdigest()} for name, text in found]
    require(facts["files"] == told, "a file in it is not the one of which the manifest tells")
    require(facts["archive"] == {"bytes": len(before), "sha256": hashlib.sha256(before).hexdigest()}, FORM)
    return facts, head


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="file", help="a package")
    parser.add_argument("--key", help="the ledger's public key, as known from elsewhere")
    arguments = parser.parse_args()
    failed = False
    try:
        key = from_base64(arguments.key, 32, "the key") if arguments.key else None
    except Wrong as error:
        print(f"package_verify: {error}", file=sys.stderr)
        return 1
    for name in arguments.files:
        try:
            with open(name, "rb") as file:
                facts, head = check(file.read(), key)
        except (Wrong, OSError) as error:
            failed = True
            print(f"{name}: {error}")
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            failed = True
            print(f"{name}: it is not what `zeef-collector access` writes")
        else:
            by = base64.urlsafe_b64encode(head.key).rstrip(b"=").decode()
            compare = "" if arguments.key else "; compare the key with the one that you know"
            print(f"{name}: whole: {facts['counts']['devices']} devices, by the key {by}{compare}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
