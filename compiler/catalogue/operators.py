"""The entries of the catalogue. Every cost is the formula of the class of the same name in `torch_modules`."""

from __future__ import annotations

from lapt_dsl.compiler.catalogue.entry import (
    Arguments,
    CatalogueEntry,
    Cost,
    OperatorContext,
    Parameter,
    convolution,
    linear,
    norm,
)

_KERNEL = Parameter("kernel", 1, 31, 3, odd=True)
_POOL_KERNEL = Parameter("kernel", 2, 31, 3)
_CLASSES = Parameter("classes", 1, 10**6, 10)


def _whole(arguments: Arguments, name: str) -> int:
    value = arguments[name]
    assert isinstance(value, int), name
    return value


def _conv_bn(site: OperatorContext, arguments: Arguments) -> Cost:
    return convolution(site.c_in, site.c_out, _whole(arguments, "kernel"), site.out) + norm(site.c_out)


def _dil_conv(site: OperatorContext, arguments: Arguments) -> Cost:
    depthwise = convolution(site.c_in, site.c_in, _whole(arguments, "kernel"), site.out, groups=site.c_in)
    return depthwise + convolution(site.c_in, site.c_out, 1, site.out) + norm(site.c_out)


def _sep_conv(site: OperatorContext, arguments: Arguments) -> Cost:
    first = OperatorContext(site.c_in, site.c_in, site.stride, site.size)
    return _dil_conv(first, arguments) + _dil_conv(OperatorContext(site.c_in, site.c_out, 1, site.out), arguments)


def factorized_reduce(site: OperatorContext) -> Cost:
    """Two 1x1 convolutions that share the output's channels, and their batch norm."""
    return convolution(site.c_in, site.c_out, 1, site.out) + norm(site.c_out)


def _identity(site: OperatorContext, arguments: Arguments) -> Cost:
    # A projection to new channels costs what a factorized reduction does: one 1x1 convolution and a batch norm.
    return Cost() if site.stride == 1 and site.c_in == site.c_out else factorized_reduce(site)


def _pool(site: OperatorContext, arguments: Arguments) -> Cost:
    if site.c_in == site.c_out:
        return Cost()
    return convolution(site.c_in, site.c_out, 1, site.size) + norm(site.c_out)


def _pool_fits(site: OperatorContext, arguments: Arguments) -> str | None:
    kernel = _whole(arguments, "kernel")
    if kernel % 2 == 0 and kernel != site.stride:
        return f"an even kernel of {kernel} needs a stride of {kernel}, not {site.stride}"
    return None


def _zero(site: OperatorContext, arguments: Arguments) -> Cost:
    return Cost()


def _residual_block(site: OperatorContext, arguments: Arguments) -> Cost:
    cost = convolution(site.c_in, site.c_out, 3, site.out) + convolution(site.c_out, site.c_out, 3, site.out)
    cost = cost + norm(site.c_out) * 2
    if site.stride != 1:
        return cost + convolution(site.c_in, site.c_out, 1, site.out)
    if site.c_in != site.c_out:
        return cost + convolution(site.c_in, site.c_out, 1, site.out) + norm(site.c_out)
    return cost


def _mbconv(site: OperatorContext, arguments: Arguments) -> Cost:
    expansion = _whole(arguments, "expansion")
    wide = site.c_in * expansion
    cost = convolution(wide, wide, _whole(arguments, "kernel"), site.out, groups=wide) + norm(wide)
    cost = cost + convolution(wide, site.c_out, 1, site.out) + norm(site.c_out)
    if expansion == 1:
        return cost
    return cost + convolution(site.c_in, wide, 1, site.size) + norm(wide)


def _linear(site: OperatorContext, arguments: Arguments) -> Cost:
    return linear(site.c_in, site.c_out, site.out**2)


def _feed_forward(site: OperatorContext, arguments: Arguments) -> Cost:
    wide = site.c_in * _whole(arguments, "expansion")
    return norm(site.c_in) + linear(site.c_in, wide, site.out**2) + linear(wide, site.c_out, site.out**2)


def _attention(site: OperatorContext, arguments: Arguments) -> Cost:
    # The products of queries, keys and values are no layers and have no weights, so they do not count.
    positions = site.out**2
    return norm(site.c_in) + linear(site.c_in, 3 * site.c_out, positions) + linear(site.c_out, site.c_out, positions)


def _attention_fits(site: OperatorContext, arguments: Arguments) -> str | None:
    heads = _whole(arguments, "heads")
    if site.c_out % heads:
        return f"{site.c_out} channels cannot be shared by {heads} heads"
    return None


def _pool_linear(site: OperatorContext, arguments: Arguments) -> Cost:
    return linear(site.c_in, site.c_out)


def _bn_relu_pool_linear(site: OperatorContext, arguments: Arguments) -> Cost:
    return norm(site.c_in) + linear(site.c_in, site.c_out)


ENTRIES: dict[str, CatalogueEntry] = {
    entry.name: entry
    for entry in (
        CatalogueEntry(
            "relu_conv_bn",
            "ReLU, convolution, batch norm",
            "ReLUConvBN",
            (_KERNEL, Parameter("dilation", 1, 16, 1)),
            _conv_bn,
        ),
        CatalogueEntry("conv_bn", "convolution, batch norm", "ConvBN", (_KERNEL,), _conv_bn),
        CatalogueEntry("conv_bn_relu", "convolution, batch norm, ReLU", "ConvBNReLU", (_KERNEL,), _conv_bn),
        CatalogueEntry("sep_conv", "depthwise-separable convolution, twice (DARTS)", "SepConv", (_KERNEL,), _sep_conv),
        CatalogueEntry(
            "dil_conv",
            "dilated depthwise-separable convolution (DARTS)",
            "DilConv",
            (_KERNEL, Parameter("dilation", 1, 16, 2)),
            _dil_conv,
        ),
        CatalogueEntry(
            "avg_pool", "average pooling without the padding", "AvgPool", (_POOL_KERNEL,), _pool, fits=_pool_fits
        ),
        CatalogueEntry("max_pool", "max pooling", "MaxPool", (_POOL_KERNEL,), _pool, fits=_pool_fits),
        CatalogueEntry(
            "identity",
            "the identity; a factorized reduction under stride, a 1x1 projection where channels differ",
            "Skip",
            (),
            _identity,
        ),
        CatalogueEntry("zero", "zeros: the layer carries nothing", "Zero", (), _zero),
        CatalogueEntry(
            "residual_block",
            "two 3x3 ReLU-Conv-BN and a shortcut (NAS-Bench-201)",
            "ResidualBlock",
            (),
            _residual_block,
        ),
        CatalogueEntry(
            "mbconv",
            "inverted residual block (MobileNetV2)",
            "MBConv",
            (_KERNEL, Parameter("expansion", 1, 32, 6)),
            _mbconv,
        ),
        CatalogueEntry("linear", "a linear layer over the channels of every position", "PointwiseLinear", (), _linear),
        CatalogueEntry(
            "feed_forward",
            "the transformer's two-layer perceptron with its shortcut",
            "FeedForward",
            (Parameter("expansion", 1, 32, 4),),
            _feed_forward,
        ),
        CatalogueEntry(
            "attention",
            "multi-head self-attention over all positions with its shortcut",
            "Attention",
            (Parameter("heads", 1, 64, 4),),
            _attention,
            fits=_attention_fits,
        ),
        CatalogueEntry(
            "pool_linear",
            "head: global average pooling, linear classifier",
            "PoolLinear",
            (_CLASSES,),
            _pool_linear,
            head=True,
        ),
        CatalogueEntry(
            "bn_relu_pool_linear",
            "head: batch norm, ReLU, global average pooling, linear classifier (NAS-Bench-201)",
            "BNReLUPoolLinear",
            (_CLASSES,),
            _bn_relu_pool_linear,
            head=True,
        ),
        CatalogueEntry("torch_module", "your own nn.Module, by `package.module:Class`", "user_module", (), None),
    )
}
