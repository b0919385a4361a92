"""Worker processes and clusters (E87x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

WORKER_CODES = table(
    "Workers",
    Code(
        "E870",
        "workers-end",
        "error",
        "Workers end before they can evaluate anything.",
        "--workers 8 with an evaluator whose library crashes when it is imported",
        "the same without --workers, until the evaluator starts",
        "One worker that ends is replaced; three in a row say that it is not by chance.",
    ),
    Code(
        "E873",
        "evaluator-not-made",
        "error",
        "A worker cannot make the evaluator that this process has made.",
        "--ray ADDRESS with a table that lies on one machine only",
        "--ray ADDRESS with the table at the same path on every machine",
        "A worker makes its evaluator itself, from names and options, and needs what they name.",
    ),
    Code(
        "E874",
        "other-evaluator",
        "error",
        "A worker's evaluator is another one than this process has.",
        "an older copy of the table on one machine",
        "the same table, data and versions everywhere",
        "Results of two evaluators in one run could not be compared, and nobody would see it.",
    ),
    Code(
        "E875",
        "no-cluster",
        "error",
        "There is no Ray cluster at an address.",
        "--ray 10.0.0.1:6379  where `ray start --head` has not been run",
        "--ray auto  on a machine of the cluster",
        "A search on a cluster starts with the cluster; docs/cluster.md has the commands.",
    ),
    Code(
        "E876",
        "no-worker-in-time",
        "error",
        "No worker was ready in time.",
        "--worker-gpus 1  on a cluster without a free GPU",
        "--worker-gpus 0.5, or a cluster with room",
        "A search without workers would wait for ever; what it has stored is kept, and --resume goes on.",
    ),
    Code(
        "E877",
        "evaluator-not-told",
        "error",
        "An evaluator cannot be told to workers.",
        "--workers 2  on a table of a space of one's own, found without --space",
        "--workers 2 --space my.space",
        "A worker is sent the text of a space, not what another process has made of it.",
    ),
)
