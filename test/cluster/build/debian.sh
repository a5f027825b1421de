#!/bin/bash
# debian.sh NAME PACKAGE makes the root filesystem of an image. Packages are unpacked and none of their scripts is run.
set -euo pipefail
root=$CACHE/src/$1
sources=$(find /etc/apt/sources.list* \( -name '*.list' -o -name '*.sources' \) -exec grep -l bookworm {} + | head -n 1)
rm -rf "$root"
mmdebstrap --variant=extract --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --aptopt='APT::Install-Recommends "false"' \
	--include="$2,dash,coreutils" bookworm "$root" "$sources"

# What the scripts would have made, and a user for a pod.
ln -sf dash "$root/usr/bin/sh"
printf 'root:x:0:0:root:/:/bin/sh\nnonroot:x:65532:65532:nonroot:/tmp:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
mkdir -p "$root"/{proc,sys,run}
install -d -o 65532 -g 65532 "$root/data"

# PostgreSQL does without its just-in-time compiler when that is not there; LLVM is half of the image.
rm -rf "$root"/usr/share/{doc,man,locale,info} "$root"/usr/lib/*/libLLVM* "$root"/usr/lib/postgresql/*/lib/{bitcode,llvmjit*} "${root:?}"/dev/*
tar -C "$root" --sort=name --mtime=@0 -cf "$CACHE/debian/$1.tar" .
rm -rf "$root"
