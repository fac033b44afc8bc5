# Sourced by the image builders: progress with times, and a clear end when something is missing.
# Names the step that runs in $step, so that a failing build can say where it stopped.

began=$(date +%s%N)
step=start
step() {
  step=$1
  now=$(date +%s%N)
  printf '%6s.%01d s  %s\n' $(((now - began) / 1000000000)) $(((now - began) / 100000000 % 10)) "$step" >&2
}

die() {
  printf '%s: %s\n' "$0" "$*" >&2
  exit 1
}

# need TOOL PACKAGE: the tool, or a sentence that says what to install.
need() {
  command -v "$1" >/dev/null || die "$1 is missing; apt-get install $2"
}
