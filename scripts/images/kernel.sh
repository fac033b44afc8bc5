# Sourced by the image builders: Debian's kernel out of its package, without installing it on this machine.
# Expects progress.sh, and $cache (the builders' cache folder).

# kernel_resolve amd64|cloud-amd64: sets kernel_package and kernel_version to what apt would install now.
kernel_resolve() {
  kernel_package=$(apt-cache depends "linux-image-$1" | sed -n 's/^ *Depends: \(linux-image-6\.1[^ ]*\)$/\1/p' | head -n 1)
  [ -n "$kernel_package" ] || die "apt knows no linux-image-$1 of Debian 12; run apt-get update"
  kernel_version=$(apt-cache policy "$kernel_package" | sed -n 's/^ *Candidate: //p')
  [ -n "$kernel_version" ] && [ "$kernel_version" != '(none)' ] || die "apt has no candidate for $kernel_package; run apt-get update"
  kernel_release=${kernel_package#linux-image-}
}

# kernel_unpack FOLDER: the resolved package's files below FOLDER. The .deb stays in the cache.
kernel_unpack() {
  mkdir -p "$cache/debs"
  deb=$cache/debs/${kernel_package}_$(printf %s "$kernel_version" | tr ':' '-').deb
  if [ ! -s "$deb" ]; then
    download=$(mktemp -d "$cache/debs/.download.XXXXXX")
    # APT::Sandbox::User: apt's own user cannot write into root's folder.
    (cd "$download" && apt-get -qq -o APT::Sandbox::User=root download "$kernel_package=$kernel_version") ||
      { rm -rf "$download"; die "cannot download $kernel_package $kernel_version"; }
    mv "$download"/*.deb "$deb"
    rmdir "$download"
  fi
  mkdir -p "$1"
  dpkg -x "$deb" "$1"
}

# modules_copy FROM TO NAME...: modules with all they depend on, then the lists that modprobe reads.
modules_copy() {
  from=$1 to=$2
  shift 2
  # The package leaves this to its installation.
  [ -e "$from/lib/modules/$kernel_release/modules.dep" ] || depmod -b "$from" "$kernel_release"
  # In a variable first: a failure inside a pipe would be lost.
  list=$(for name; do
    # Built-in ones print "builtin", which has no file.
    modprobe -d "$from" -S "$kernel_release" --show-depends "$name" 2>/dev/null || die "the kernel has no module $name"
  done)
  printf '%s\n' "$list" | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
    path=${file#"$from"}
    mkdir -p "$to${path%/*}"
    cp "$file" "$to$path"
  done
  mkdir -p "$to/lib/modules/$kernel_release"
  cp "$from/lib/modules/$kernel_release"/modules.builtin* "$from/lib/modules/$kernel_release"/modules.order "$to/lib/modules/$kernel_release/"
  depmod -b "$to" "$kernel_release"
  # modprobe of busybox reads the text lists only.
  rm -f "$to/lib/modules/$kernel_release"/*.bin "$to/lib/modules/$kernel_release"/modules.symbols
}

# libraries_copy TO PROGRAM...: programs of this machine with the libraries that they load, at the same paths.
libraries_copy() {
  to=$1
  shift
  for program; do
    mkdir -p "$to$(dirname "$program")"
    cp -L "$program" "$to$program"
    ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\).*/\1/p'
  done | sort -u | while read -r library; do
    mkdir -p "$to$(dirname "$library")"
    cp -L "$library" "$to$library"
  done
}
