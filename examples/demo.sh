#!/usr/bin/env bash
# A walk through lapt; `make demo` runs it. Everything it writes is under out/demo.
#
# Published tables are looked for where LAPT_DATA points, else in ../shared/data. Without them the search half of the
# walk runs on the analytic score, which is computed from the architecture alone and is no measurement.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=out/demo
principles=examples/nas201_imagenet.lp
data=${LAPT_DATA:-../shared/data}
source=$data/nas201/imagenet16-120.json
target=$data/nas201/cifar10.json

say() {
  printf '\n$'
  printf ' %q' "$@"
  printf '\n'
  "$@"
}

note() {
  printf '\n# %s\n' "$*"
}

note 'A principle file, and what it means: exact counts, candidates per layer, what each principle removes.'
say lapt compile "$principles" -o "$out"
say lapt show "$principles" -o "$out/cell.svg"

note 'Architectures that satisfy it, one of them as a PyTorch network, and the sampler that needs NumPy alone.'
say lapt sample "$principles" -n 3 --seed 1
say lapt build "$(lapt sample "$principles" --seed 1)" --space nas201 --classes 120 -o "$out/net.py"
say python "$out/sampler.py" 3 1

rm -f "$out"/run.db*
if [[ -f $source && -f $target ]]; then
  note 'Principles learned from the best of one task make the next one cheap: published NAS-Bench-201 results.'
  say lapt learn "$source" --top 50 -o "$out/general.lp"
  say lapt count "$out/general.lp"
  say lapt search --table "$target" --principles "$out/general.lp" --source "$source" --budget 30 --store "$out/run.db"
  say lapt reproduce nas201 --source "$source" --target "$target" --seeds 10 --methods lapt,box,evolution --workers 2
else
  note "No table under $data: the search runs on the analytic score, which is no measurement. Bring a table as"
  printf '# %s\n' 'a CSV with columns arch,val_acc (docs/tables.md) and say: lapt search --table mine.csv --space nas201'
  say lapt search --space nas201 --evaluator analytic --principles "$principles" --budget 30 --store "$out/run.db"
fi
note 'How the principles changed while it searched (first lines).'
lapt history "$out/run.db" > "$out/history.txt"
sed -n 1,30p "$out/history.txt"
printf '\nThe drawing is %s, the network %s, the whole history %s.\n' "$out/cell.svg" "$out/net.py" "$out/history.txt"
