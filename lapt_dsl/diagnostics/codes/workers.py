"""Worker processes and clusters (E87x)."""

from __future__ import annotations

from lapt_dsl.diagnostics.codes.code import Code, table

WORKER_CODES = table(
    "Workers",
    Code(
        "E870",
        "workers-end",
        "error",
        "Workers exit before they evaluate anything.",
        "--workers 8 with an evaluator whose library crashes when it is imported",
        "the same command without --workers, to see why the evaluator fails",
        "A worker that exits is replaced. Three in a row mean a systematic failure.",
    ),
    Code(
        "E873",
        "evaluator-not-made",
        "error",
        "A worker cannot create the evaluator that this process created.",
        "--ray ADDRESS with a table that lies on one machine only",
        "--ray ADDRESS with the table at the same path on every machine",
        "A worker creates the evaluator from its specification, so the files it names must exist on every machine.",
    ),
    Code(
        "E874",
        "other-evaluator",
        "error",
        "The evaluator of a worker differs from that of this process.",
        "an older copy of the table on one machine",
        "the same table, data and versions everywhere",
        "Results of two different evaluators in one run could not be compared.",
    ),
    Code(
        "E875",
        "no-cluster",
        "error",
        "There is no Ray cluster at an address.",
        "--ray 10.0.0.1:6379  where `ray start --head` has not been run",
        "--ray auto  on a machine of the cluster",
        "Start the cluster before the search; docs/cluster.md lists the commands.",
    ),
    Code(
        "E876",
        "no-worker-in-time",
        "error",
        "No worker was ready in time.",
        "--worker-gpus 1  on a cluster without a free GPU",
        "--worker-gpus 0.5, or a cluster with free resources",
        "A search without workers would wait for ever. The stored results are kept; `--resume` continues the run.",
    ),
    Code(
        "E877",
        "evaluator-not-sendable",
        "error",
        "The specification of an evaluator cannot be sent to workers.",
        "--workers 2  with a table of a custom space, and no --space",
        "--workers 2 --space my.space",
        "A worker receives the text of a space file, so the file must be given with `--space`.",
    ),
)
