#!/usr/bin/env bash
# A walk through lapt; `make demo` runs it: about two minutes on two cores. Everything it writes is under out/demo.
#
# Networks are trained on scikit-learn's handwritten digits, which come with its wheel. Where published tables are found
# (where LAPT_DATA points, else in ../shared/data) a search on them follows, which takes seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=out/demo
principles=examples/nas201_imagenet.lp
data=${LAPT_DATA:-../shared/data}
source=$data/nas201/imagenet16-120.json
target=$data/nas201/cifar10.json
# One thread a process: with small networks more threads wait for one another.
export OMP_NUM_THREADS=1

say() {
  printf '\n$'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

note() {
  printf '\n# %s\n' "$*"
}

mkdir -p "$out"
rm -f "$out"/*.db*

note 'A principle file, and what it means: exact counts, candidates per layer, what each principle removes.'
say lapt compile "$principles" -o "$out"
say lapt sample "$principles" -n 2 --seed 1

note 'Learn principles: 120 architectures of NAS-Bench-201 are trained on handwritten digits, narrow and briefly.'
say lapt learn --space nas201 --evaluator train --data digits --channels 4 --epochs 4 --samples 120 --workers 2 \
  --store "$out/archive.db" -o "$out/learned.lp"
sed -n 1,12p "$out/learned.lp"
say lapt show "$out/learned.lp" -o "$out/cell.svg"

note 'Search inside them with the whole recipe. Principles follow what is found; test images are looked at once.'
say lapt search --space nas201 --evaluator train --data digits --principles "$out/learned.lp" \
  --source "$out/archive.db" --budget 40 --workers 2 --store "$out/run.db" | tee "$out/search.txt"

note 'The best as a PyTorch network, and how the principles changed while it was found (first lines).'
say lapt build "$(sed -n 's/^best of [^:]*: //p' "$out/search.txt")" --space nas201 --classes 10 -o "$out/net.py"
lapt history "$out/run.db" > "$out/history.txt"
sed -n 1,24p "$out/history.txt"

if [[ -f $source && -f $target ]]; then
  note 'The same on published results of NAS-Bench-201: what is learned on ImageNet16-120 makes CIFAR-10 cheap.'
  say lapt learn "$source" --top 50 -o "$out/general.lp"
  say lapt search --table "$target" --principles "$out/general.lp" --source "$source" --budget 30
else
  note "No table under $data. Bring measurements of your own as a CSV with columns arch,val_acc (docs/tables.md):"
  printf '# %s\n' 'lapt search --table mine.csv --space nas201'
fi
printf '\nThe drawing is %s, the network %s, the whole history %s, everything measured %s.\n' \
  "$out/cell.svg" "$out/net.py" "$out/history.txt" "$out/run.db"
