#!/bin/sh
# Installs libvips and its headers if this machine has none that is new enough. ringback-render is built against it.
set -eu

want=8.14

found() { pkg-config --atleast-version="$want" vips 2>/dev/null; }

by_hand() {
	echo "libvips $want or newer is missing and could not be installed here: $1. Install libvips with its headers and pkg-config by hand, so that \`pkg-config --atleast-version=$want vips\` succeeds." >&2
	exit 1
}

if found; then
	exit 0
fi

# Root installs directly; anybody else needs sudo, and homebrew wants neither.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		by_hand "this user is not root and there is no sudo"
	fi
}

echo "libvips $want or newer is missing: installing it."
if command -v apt-get >/dev/null 2>&1; then
	# Without recommended packages: those are desktop programs. jemalloc gives memory back after a large picture; the font is for
	# texts on pictures.
	as_root apt-get update -qq </dev/null || by_hand "apt-get update failed"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		libvips-dev pkg-config libjemalloc2 fonts-dejavu-core </dev/null >/dev/null || by_hand "apt-get install failed"
elif command -v dnf >/dev/null 2>&1; then
	as_root dnf install -y -q vips-devel pkgconf-pkg-config jemalloc dejavu-sans-fonts </dev/null || by_hand "dnf install failed"
elif command -v apk >/dev/null 2>&1; then
	# Alpine puts the optional formats into packages of their own.
	as_root apk add -q vips-dev vips-heif vips-jxl vips-poppler font-dejavu pkgconf jemalloc build-base </dev/null || by_hand "apk add failed"
elif command -v pacman >/dev/null 2>&1; then
	as_root pacman -S --noconfirm --needed --quiet libvips libheif libjxl poppler-glib ttf-dejavu pkgconf jemalloc </dev/null || by_hand "pacman failed"
elif command -v brew >/dev/null 2>&1; then
	brew install --quiet vips pkgconf jemalloc </dev/null || by_hand "brew install failed"
else
	by_hand "none of apt, dnf, apk, pacman and brew was found"
fi

found || by_hand "the packages of this system bring libvips $(pkg-config --modversion vips 2>/dev/null || echo none)"
echo "libvips $(pkg-config --modversion vips) is installed."
