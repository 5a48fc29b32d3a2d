#!/bin/sh
# Stands in for a C compiler and an archiver of another system while Rust code is only type-checked: what they would
# make is never linked, so an empty file of the right name does. Nothing that ships is built with it.
for argument in "$@"; do
    case ${previous-} in
        -o) : >"$argument" ;;
    esac
    case $argument in
        *.a) : >"$argument" ;;
    esac
    previous=$argument
done
