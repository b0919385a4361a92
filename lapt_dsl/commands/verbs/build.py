"""`lapt build`: one architecture as a PyTorch network in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lapt_dsl.commands.options.common import JSON, PATH, POSITIVE, complete_space_or_file
from lapt_dsl.commands.options.groups import argument, option, verb
from lapt_dsl.commands.options.terminal import echo


@dataclass(frozen=True, kw_only=True)
class BuildOptions:
    """Everything that `lapt build` takes."""

    arch: str = field(metadata=argument("ARCH"))
    space: str = field(
        metadata=option(
            "--space", complete=complete_space_or_file, metavar="SPACE", help="Search space of the architecture."
        )
    )
    output: str | None = field(
        default=None,
        metadata=option("-o", type=PATH, metavar="FILE.py", help="Output file. [default: standard output]"),
    )
    network: str | None = field(
        default=None,
        metadata=option("--network", metavar="NAME", help="Network of the space to build. [default: the first]"),
    )
    classes: int | None = field(
        default=None,
        metadata=option("--classes", type=POSITIVE, metavar="N", help="Number of classes. [default: as published]"),
    )
    channels: int | None = field(
        default=None,
        metadata=option(
            "--channels",
            type=POSITIVE,
            metavar="N",
            help="Initial channels; all others scale with them. [default: as published]",
        ),
    )
    depth: int | None = field(
        default=None,
        metadata=option("--depth", type=POSITIVE, metavar="N", help="Cells per stage. [default: as published]"),
    )
    keep_dead: bool = field(
        default=False,
        metadata=option(
            "--keep-dead", flag=True, help="Keep dead layers, so that parameter counts match published ones."
        ),
    )
    as_json: bool = field(default=False, metadata=JSON)


@verb(
    "build",
    BuildOptions,
    epilog="""\b
Examples:
  lapt build '|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|' \\
       --space nas201 --classes 120 -o net.py
  lapt build "$(lapt sample my.lp)" --space darts --network imagenet -o net.py
  python -c 'from net import Network; print(Network())'""",
)
def command(options: BuildOptions) -> int:
    """Write the network of one architecture as straight-line PyTorch code that depends on torch alone.

    ARCH is written in the notation of the space, as `lapt sample` prints it. Layers and nodes that do not reach the
    output are omitted, which does not change the output. Nothing is imported or run, so torch need not be installed.
    """
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.commands.views.output import print_json, write_file, write_text
    from lapt_dsl.compiler.networks.network import measure
    from lapt_dsl.compiler.targets.code.network_source import network_source

    loaded = named_space(options.space)
    architecture = loaded.parse_arch(options.arch)
    source = network_source(
        loaded,
        architecture,
        num_classes=options.classes,
        channels=options.channels,
        depth=options.depth,
        network=options.network,
        prune=not options.keep_dead,
        inputs=((f"space {loaded.name}", loaded.digest),),
    )
    written = measure(
        loaded,
        architecture,
        options.network,
        classes=options.classes,
        channels=options.channels,
        depth=options.depth,
        pruned=not options.keep_dead,
    )
    published = measure(loaded, architecture, options.network)
    output, as_json = options.output, options.as_json
    if output is None and not as_json:
        write_text(source)
        return 0
    if output is not None:
        write_file(output, source)
    if as_json:
        values = {"architecture": str(architecture), "space": loaded.name, "file": output}
        print_json({**values, "written": written, "published": published})
    else:
        echo(f"wrote {output}: {_numbers(written)}", err=True)
        if written != published:
            echo(f"as published: {_numbers(published)}", err=True)
    return 0


def _numbers(measures: Mapping[str, int | None]) -> str:
    return ", ".join(f"{name} {value:,}" for name, value in measures.items() if value is not None)
