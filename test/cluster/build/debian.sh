#!/bin/bash
# debian.sh NAME PACKAGE makes the root filesystem of an image. Packages are unpacked and none of their scripts is run.
set -euo pipefail
root=$CACHE/src/$1
sources=$(find /etc/apt/sources.list* \( -name '*.list' -o -name '*.sources' \) -exec grep -l bookworm {} + | head -n 1)
rm -rf "$root"
mmdebstrap --variant=extract --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --aptopt='APT::Install-Recommends "false"' \
	--include="$2,dash,coreutils" bookworm "$root" "$sources"

# What the scripts would have made, and users for pods. The users and the place of PostgreSQL's programs are also those of
# the Docker official images, so that a chart made for these runs unchanged.
ln -sf dash "$root/usr/bin/sh"
rm -f "$root"/etc/{passwd,group}
for user in root:0 postgres:70 redis:999 nonroot:65532; do
	printf '%s:x:%s:%s::/tmp:/bin/sh\n' "${user%:*}" "${user#*:}" "${user#*:}" >>"$root/etc/passwd"
	printf '%s:x:%s:\n' "${user%:*}" "${user#*:}" >>"$root/etc/group"
done
mkdir -p "$root/usr/local/bin"
for program in "$root"/usr/lib/postgresql/*/bin/*; do
	if [ -e "$program" ]; then ln -sf "${program#"$root"}" "$root/usr/local/bin/"; fi
done
mkdir -p "$root"/{proc,sys,run}
install -d -o 65532 -g 65532 "$root/data"

# PostgreSQL does without its just-in-time compiler when that is not there; LLVM is half of the image.
rm -rf "$root"/usr/share/{doc,man,locale,info} "$root"/usr/lib/*/libLLVM* "$root"/usr/lib/postgresql/*/lib/{bitcode,llvmjit*} "${root:?}"/dev/*
tar -C "$root" --sort=name --mtime=@0 -cf "$CACHE/debian/$1.tar" .
rm -rf "$root"
