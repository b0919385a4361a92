"""`lapt build`: one architecture as a PyTorch network in a file of its own."""

from __future__ import annotations

import click

from lapt_dsl.commands.options.common import complete_space_or_file, json_option


@click.command(
    "build",
    epilog="""\b
Examples:
  lapt build '|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|' \\
       --space nas201 --classes 120 -o net.py
  lapt build "$(lapt sample my.lp)" --space darts --network imagenet -o net.py
  python -c 'from net import Network; print(Network())'""",
)
@click.argument("arch")
@click.option(
    "--space", shell_complete=complete_space_or_file, required=True, metavar="SPACE", help="The architecture's space."
)
@click.option("-o", "output", type=click.Path(), metavar="FILE.py", help="Where to write; standard output without it.")
@click.option("--network", metavar="NAME", help="Which network of the space to build; the first one without it.")
@click.option(
    "--classes", type=click.IntRange(min=1), metavar="N", help="Outputs of the classifier, if not as published."
)
@click.option("--channels", type=click.IntRange(min=1), metavar="N", help="First channels; the others scale along.")
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="N", help="Cells per stack, in place of the published number."
)
@click.option("--keep-dead", is_flag=True, help="Build dead layers too, so that parameters count as published.")
@json_option
def command(
    arch: str,
    space: str,
    output: str | None,
    network: str | None,
    classes: int | None,
    channels: int | None,
    depth: int | None,
    keep_dead: bool,
    as_json: bool,
) -> int:
    """Write the network of one architecture as straight-line PyTorch code that needs torch alone.

    ARCH is written in the space's notation, as `lapt sample` prints it. Layers and nodes that carry nothing to the
    output are left out, which changes no output. Nothing is imported or run: this works without torch.
    """
    from lapt_dsl.commands.options.named_spaces import named_space
    from lapt_dsl.commands.views.output import print_json, write_file
    from lapt_dsl.compiler.networks.network import measure
    from lapt_dsl.compiler.targets.code.network_source import network_source

    loaded = named_space(space)
    architecture = loaded.parse_arch(arch)
    source = network_source(
        loaded,
        architecture,
        num_classes=classes,
        channels=channels,
        depth=depth,
        network=network,
        prune=not keep_dead,
        inputs=((f"space {loaded.name}", loaded.digest),),
    )
    published = measure(loaded, architecture, network)
    if output is None and not as_json:
        click.echo(source, nl=False)
        return 0
    if output is not None:
        write_file(output, source)
    if as_json:
        print_json({"architecture": str(architecture), "space": loaded.name, "file": output, "published": published})
    else:
        numbers = ", ".join(f"{name} {value:,}" for name, value in published.items() if value is not None)
        click.echo(f"wrote {output} (as published: {numbers})", err=True)
    return 0
