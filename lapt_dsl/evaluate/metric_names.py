"""What the name of a metric says: which values are better, on which data it was measured, whether it measures at all.

One table for columns of published results, metrics of evaluators, surrogates and run stores. A name is cut into words;
where no word decides, the answer is that the name decides nothing, and the caller asks the user.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from lapt_dsl.diagnostics.diagnostic import LaptError
from lapt_dsl.diagnostics.suggestions import shortened

Role: TypeAlias = Literal["score", "loss", "cost", "rank", "other", "unknown"]
"""`score`: higher is better; `loss`: lower is better; `cost`: what an architecture uses up; `rank`: a place among all,
known only when everything was measured; `other`: no measurement (an index, a seed, a spread); `unknown`: undecided."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCORES = _words(
    "acc accuracy top1 top5 f1 auc auroc auprc roc map ap map50 iou miou dice psnr ssim msssim bleu rouge rougel "
    "meteor cider spice r2 kappa mcc recall precision sensitivity specificity reward fitness spearman kendall tau "
    "pearson correlation corr ndcg mrr likelihood loglik throughput fps qps ips hits elo winrate success correct "
    "agreement robustness speedup utilization hypervolume hv vqa pck score scores "
    # Tasks of TransNAS-Bench-101 as its tables publish them, where higher is better in every column.
    "jigsaw segmentsemantic autoencoder normal"
)
_LOSSES = _words(
    "loss nll nlls crossentropy xent xentropy bce ce ppl perplexity fid kid lpips wer cer ter regret rmse mse msle "
    "rmsle mae mape smape error errors err eer bpc bpb bpd bpp brier ece mce epe divergence kld hausdorff hd95 drop "
    "gap degradation penalty misclassification mistakes deviation far frr nrmse objloss"
)
_COSTS = _words(
    "params param parameters parameter nparams nparam numparams weights flops flop gflops mflops tflops kflops macs "
    "mac gmacs mmacs kmacs madds madd multadds multadd gmadds mmadds bops mults adds ops latency latencies lat time "
    "times runtime runtimes walltime wallclock elapsed duration seconds second secs sec ms millisecond milliseconds "
    "us microseconds minutes minute mins hours hour hrs hr gpuhours gpuh days gpudays cost costs price dollars usd "
    "eur memory mem ram vram peakmem sram dram footprint size sizes bytes kb mb gb kib mib gib storage energy "
    "energies joule joules mj uj nj kj kwh wh power watt watts mw milliwatts co2 carbon emissions emission area lut "
    "luts dsp dsps bram cycles cycle edp depth"
)
_RANKS = _words("rank ranks ranking place percentile")
_OTHERS = _words(
    "id ids index idx indices seed seeds epoch epochs hash uid uuid guid row rows number nr no trial trials step "
    "steps iteration iterations iter iters fold run runs key keys version timestamp date datetime created updated "
    "unnamed batch batchsize lr count n level0 hyperparameter generation parent pid rng"
)
_SPREADS = _words("std stds stdev stddev sd var variance stderr sem se ci iqr mad cv uncertainty sigma")
_TEST = _words("test testing tst heldout holdout tests")
_TRAIN = _words("train training trn tr")
_VALIDATION = _words("val valid validation dev vld eval")
_NEGATIONS = _words("neg negative negated minus inverse inverted inv")
_GLUED = re.compile(
    r"(testing|test|tst|training|train|validation|valid|val|dev|eval|avg|mean|best|final|last|max|min)"
    r"(?P<rest>[a-z0-9]{2,})"
)
_JOINED = {
    ("mult", "adds"): "multadds", ("mult", "add"): "multadds", ("cross", "entropy"): "crossentropy",
    ("wall", "clock"): "wallclock", ("wall", "time"): "walltime", ("gpu", "hours"): "gpuhours",
    ("gpu", "days"): "gpudays", ("model", "size"): "size", ("top", "1"): "top1", ("top", "5"): "top5",
    ("hold", "out"): "holdout", ("held", "out"): "heldout", ("win", "rate"): "winrate", ("r", "2"): "r2",
    ("f", "1"): "f1", ("co", "2"): "co2", ("std", "dev"): "std", ("batch", "size"): "batch",
    ("log", "lik"): "likelihood", ("mac", "s"): "macs", ("param", "s"): "params", ("gmac", "s"): "gmacs",
    ("run", "time"): "runtime", ("ms", "ssim"): "msssim", ("rouge", "l"): "rouge", ("exact", "match"): "accuracy",
    ("error", "rate"): "error", ("hd", "95"): "hausdorff", ("map", "50"): "map", ("miss", "rate"): "error",
    ("class", "object"): "accuracy", ("class", "scene"): "accuracy", ("room", "layout"): "score",
    ("per", "plexity"): "perplexity",
}  # fmt: skip


def undecided_direction(metric: str, where: str) -> LaptError:
    """The refusal to guess which values of a metric are better. `where` is the table or the option that names it."""
    message = f"the name `{shortened(metric)}` does not tell whether higher or lower values are better"
    hint = f"add --maximize or --minimize; in a table, the heading `{shortened(metric)}:higher` or `:lower` says it too"
    return LaptError.of("E714", message, where, hint=hint)


@dataclass(frozen=True, slots=True)
class MetricName:
    """What a name says.

    Attributes:
        role: What the metric is.
        direction: Which values are better; None where the name does not decide.
        split: On which data it was measured: `test`, `train`, `cost`, or `validation` where no word says otherwise.
    """

    role: Role
    direction: Literal["higher", "lower"] | None
    split: Literal["validation", "test", "train", "cost"]


@lru_cache(4096)
def read_metric_name(name: str) -> MetricName:
    """What a metric's name says about it.

    >>> read_metric_name("val_loss")
    MetricName(role='loss', direction='lower', split='validation')
    >>> read_metric_name("testacc").split, read_metric_name("GPU latency (ms)").direction
    ('test', 'lower')
    >>> read_metric_name("quality").direction is None
    True
    """
    words = _cut(name)
    found = set(words)
    split: Literal["validation", "test", "train", "cost"] = "validation"
    if found & _TEST:
        split = "test"
    elif found & _TRAIN and not found & _VALIDATION:
        split = "train"
    if found & _SPREADS:
        return MetricName("other", None, split)
    role = _role(words)
    if role == "rank":
        return MetricName("rank", "lower", "test")
    if role in ("other", "unknown"):
        return MetricName(role, None, split)
    lower = role in ("loss", "cost")
    if found & _NEGATIONS or name.strip().startswith("-") or words[0] in ("1", "one"):
        lower = not lower
    return MetricName(role, "lower" if lower else "higher", "cost" if role == "cost" else split)


def _role(words: list[str]) -> Role:
    found = set(words)
    if found & _RANKS and not found & _words("correlation corr"):
        return "rank"
    kinds: list[Role] = []
    if found & _LOSSES:
        kinds.append("loss")
    if found & _SCORES:
        kinds.append("score")
    if found & _COSTS:
        kinds.append("cost")
    if "per" in found and len(kinds) > 1:
        return "unknown"  # a ratio such as accuracy per parameter
    if "to" in words and len(kinds) > 1:
        return _role(words[: words.index("to")])  # time to accuracy
    if kinds == ["loss", "score"]:
        return "loss"  # an accuracy loss, a drop in precision
    if len(kinds) > 1:
        # The last word is what a compound is: `energy_error` is an error, `training_time_accuracy` an accuracy.
        last = next(word for word in reversed(words) if word in _LOSSES | _SCORES | _COSTS)
        return "loss" if last in _LOSSES else "score" if last in _SCORES else "cost"
    if kinds:
        return kinds[0]
    return "other" if found & _OTHERS else "unknown"


def _cut(name: str) -> list[str]:
    """The words of a name in lower case: cut at signs and capitals, glued prefixes separated, pairs joined."""
    known = _SCORES | _LOSSES | _COSTS | _RANKS | _OTHERS | _SPREADS
    if name.lower() in known:
        return [name.lower()]
    # `FLOPs` and `GMACs` are one word each, `valAcc` and `FLOPsM` are two.
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=s)(?=[A-Z])", " ", name[:200])
    raw = re.findall(r"[a-z]+[0-9]*|[0-9]+", text.lower())
    words: list[str] = []
    for word in raw:
        bare = word.rstrip("0123456789")
        match = _GLUED.fullmatch(word)
        if word in known | _TEST | _TRAIN | _VALIDATION:
            words.append(word)
        elif bare in known:
            words.append(bare)
        elif match is not None and (match["rest"] in known or match["rest"].rstrip("0123456789") in known):
            rest = match["rest"]
            words += [match[1], rest if rest in known else rest.rstrip("0123456789")]
        else:
            words.append(bare if bare in _TEST | _TRAIN | _VALIDATION else word)
    joined: list[str] = []
    for word in words:
        if joined and (joined[-1], word) in _JOINED:
            joined[-1] = _JOINED[joined[-1], word]
        else:
            joined.append(word)
    return joined
