#!/usr/bin/env python3
"""Checks receipts of erasures without Zeef, from docs/receipts.md, docs/ledger.md and the RFCs alone.

Ends with 0 if every receipt is whole, or with 1. Says one line for each: what it proves, or what is wrong.
"""

import argparse
import base64
import hashlib
import json
import re
import sys

from ledger_verify import Head, Wrong, check_entry, check_inclusion, from_base64, from_hex, hashes, leaf_hash, require

ERASED = 18
COUNTS = {
    "device_keys", "devices", "holds", "index_entries", "links", "observations", "organisation_keys", "questions",
    "subscriptions", "tokens",
}
# Named where there are any.
LATER_COUNTS = {"requests"}
FACTS = {"asked", "counts", "erased_at", "keys", "kind", "organisation", "policy", "receipt", "tombstones"}
MOST = 2**64


def canonical(value):
    """Members in the order of their names, no spaces, one line."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def members(value, names, what):
    require(isinstance(value, dict) and set(value) == names, f"{what} has other members than it should")


def number(value, what):
    require(type(value) is int and 0 <= value < MOST, f"{what} is no count")


def identifier(text, what):
    form = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    require(isinstance(text, str) and re.fullmatch(form, text), f"{what} is no id")
    return bytes.fromhex(text.replace("-", ""))


def check_facts(facts):
    members(facts, FACTS, "what was erased")
    counts = facts["counts"]
    require(isinstance(counts, dict), "the counts are none")
    members(counts, COUNTS | (LATER_COUNTS & set(counts)), "the counts")
    require(all(counts[name] != 0 for name in LATER_COUNTS & set(counts)), "a count is named that is none")
    for name, count in facts["counts"].items():
        if name == "observations":
            require(isinstance(count, dict), "the counts of values are none")
            for field, values in count.items():
                number(values, f"the count of {field}")
        else:
            number(count, f"the count of {name}")
    require(facts["kind"] in ("device", "person", "organisation"), "it is of no known kind")
    from_hex(facts["asked"], 16, "what was asked for")
    require(type(facts["erased_at"]) is int, "the time is none")
    keys = facts["keys"]
    require(isinstance(keys, list), "the keys are no list")
    for key in keys:
        from_hex(key, 16, "a key's id")
    require(keys == sorted(keys), "the keys are not in order")
    if facts["policy"] is not None:
        from_hex(facts["policy"], 32, "the policy's hash")
    members(facts["tombstones"], {"count", "digest"}, "the tombstones")
    number(facts["tombstones"]["count"], "the count of tombstones")
    from_hex(facts["tombstones"]["digest"], 32, "the digest of the tombstones")


def check(file, key):
    """The one spelling, the head's signature, the entry's place under it, and the facts' hash in the entry."""
    try:
        receipt = json.loads(file.decode("utf-8"))
    except ValueError:
        raise Wrong("it is no JSON") from None
    members(receipt, {"entry", "facts", "head", "path", "version"}, "the receipt")
    require(type(receipt["version"]) is int and receipt["version"] == 1, "it is of another version")
    require(canonical(receipt) + b"\n" == file, "it is spelled in another way than a receipt is")
    facts, head = receipt["facts"], Head(receipt["head"], key)
    check_facts(facts)
    entry = from_hex(receipt["entry"], None, "the entry")
    require(len(entry) > 9, "the entry is too short")
    index = int.from_bytes(entry[1:9], "big")
    check_entry(entry, index, None)
    check_inclusion(head, index, leaf_hash(entry), hashes(receipt["path"]))
    require(entry[82] == ERASED, "the ledger's entry is not about an erasure")
    told = identifier(facts["receipt"], "the receipt's id") + hashlib.sha256(b"zeef receipt v1\x00" + canonical(facts)).digest()
    require(entry[83:] == told, "the ledger's entry is about something else than the receipt tells")
    require(entry[17:33] == identifier(facts["organisation"], "the organisation's id"), "it is of another organisation")
    require(int.from_bytes(entry[9:17], "big", signed=True) == facts["erased_at"], "it was at another time")
    return facts, head


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="file", help="a receipt")
    parser.add_argument("--key", help="the ledger's public key, as known from elsewhere")
    arguments = parser.parse_args()
    failed = False
    try:
        key = from_base64(arguments.key, 32, "the key") if arguments.key else None
    except Wrong as error:
        print(f"receipt_verify: {error}", file=sys.stderr)
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
            print(f"{name}: it is not what `zeef-collector erase` writes")
        else:
            by = base64.urlsafe_b64encode(head.key).rstrip(b"=").decode()
            compare = "" if arguments.key else "; compare the key with the one that you know"
            print(f"{name}: whole: {facts['kind']} erased, {len(facts['keys'])} keys destroyed, by the key {by}{compare}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
