#!/usr/bin/env bash
# A walk through lapt on one principle file; `make demo` runs it. Everything it writes is under out/demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=out/demo

say() {
  printf '\n\033[1m$ %s\033[0m\n' "$*"
  "$@"
}

say lapt compile examples/nas201_imagenet.lp -o "$out"
say lapt show examples/nas201_imagenet.lp -o "$out/cell.svg"
say lapt sample examples/nas201_imagenet.lp -n 3 --seed 1
say lapt build "$(lapt sample examples/nas201_imagenet.lp --seed 1)" --space nas201 --classes 120 -o "$out/net.py"
say lapt diff examples/chain.lp examples/darts_cifar100.lp
printf '\nThe sampler that was written needs NumPy alone:\n'
say python "$out/sampler.py" 3 1
