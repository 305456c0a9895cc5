#!/bin/sh
# Installs the judges of `task oracle` if this machine lacks one: ImageMagick, and libvips' own command line.
set -eu

missing() {
	convert-im6.q16 -version >/dev/null 2>&1 ||
		convert -version 2>/dev/null | grep -q '^Version: ImageMagick' ||
		magick -version 2>/dev/null | grep -q '^Version: ImageMagick' || echo imagemagick
	command -v vips >/dev/null 2>&1 || echo libvips-tools
}

by_hand() {
	echo "The oracle lacks $(missing | paste -sd, -) and it could not be installed here: $1. Install it by hand." >&2
	exit 1
}

if [ -z "$(missing)" ]; then
	exit 0
fi

echo "The oracle lacks $(missing | paste -sd, -): installing."
command -v apt-get >/dev/null 2>&1 || by_hand "there is no apt"
sudo=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null 2>&1 || by_hand "this user is not root and there is no sudo"
	sudo=sudo
fi
$sudo apt-get update -qq </dev/null || by_hand "apt-get update failed"
# Word by word: one package or two.
# shellcheck disable=SC2046
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	$(missing) </dev/null >/dev/null || by_hand "apt-get install failed"
[ -z "$(missing)" ] || by_hand "the packages do not bring the commands"
