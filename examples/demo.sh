#!/usr/bin/env bash
# A walk through lapt on the example principle files; `make demo` runs it. Everything it writes is under out/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=out/demo
principles=examples/nas201_imagenet.lp

say() {
  printf '\n$'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

say lapt compile "$principles" -o "$out"
say lapt show "$principles" -o "$out/cell.svg"
say lapt sample "$principles" -n 3 --seed 1
say lapt build "$(lapt sample "$principles" --seed 1)" --space nas201 --classes 120 -o "$out/net.py"
say python "$out/sampler.py" 3 1
say lapt diff examples/chain.lp examples/darts_cifar100.lp || [ $? -eq 1 ]  # 1: they differ
printf '\nThe drawing is %s, the network %s; the sampler needs NumPy alone.\n' "$out/cell.svg" "$out/net.py"
