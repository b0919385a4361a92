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


def _conv_bn(context: OperatorContext, arguments: Arguments) -> Cost:
    return convolution(context.c_in, context.c_out, _whole(arguments, "kernel"), context.out) + norm(context.c_out)


def _dil_conv(context: OperatorContext, arguments: Arguments) -> Cost:
    depthwise = convolution(context.c_in, context.c_in, _whole(arguments, "kernel"), context.out, groups=context.c_in)
    return depthwise + convolution(context.c_in, context.c_out, 1, context.out) + norm(context.c_out)


def _sep_conv(context: OperatorContext, arguments: Arguments) -> Cost:
    first = OperatorContext(context.c_in, context.c_in, context.stride, context.size)
    return _dil_conv(first, arguments) + _dil_conv(
        OperatorContext(context.c_in, context.c_out, 1, context.out), arguments
    )


def factorized_reduce(context: OperatorContext) -> Cost:
    """Two 1x1 convolutions that share the output's channels, and their batch norm."""
    return convolution(context.c_in, context.c_out, 1, context.out) + norm(context.c_out)


def _identity(context: OperatorContext, arguments: Arguments) -> Cost:
    # A projection to new channels costs what a factorized reduction does: one 1x1 convolution and a batch norm.
    return Cost() if context.stride == 1 and context.c_in == context.c_out else factorized_reduce(context)


def _pool(context: OperatorContext, arguments: Arguments) -> Cost:
    if context.c_in == context.c_out:
        return Cost()
    return convolution(context.c_in, context.c_out, 1, context.size) + norm(context.c_out)


def _pool_fits(context: OperatorContext, arguments: Arguments) -> str | None:
    kernel = _whole(arguments, "kernel")
    if kernel % 2 == 0 and kernel != context.stride:
        return f"an even kernel of {kernel} needs a stride of {kernel}, not {context.stride}"
    return None


def _zero(context: OperatorContext, arguments: Arguments) -> Cost:
    return Cost()


def _residual_block(context: OperatorContext, arguments: Arguments) -> Cost:
    cost = convolution(context.c_in, context.c_out, 3, context.out) + convolution(
        context.c_out, context.c_out, 3, context.out
    )
    cost = cost + norm(context.c_out) * 2
    if context.stride != 1:
        return cost + convolution(context.c_in, context.c_out, 1, context.out)
    if context.c_in != context.c_out:
        return cost + convolution(context.c_in, context.c_out, 1, context.out) + norm(context.c_out)
    return cost


def _mbconv(context: OperatorContext, arguments: Arguments) -> Cost:
    expansion = _whole(arguments, "expansion")
    wide = context.c_in * expansion
    cost = convolution(wide, wide, _whole(arguments, "kernel"), context.out, groups=wide) + norm(wide)
    cost = cost + convolution(wide, context.c_out, 1, context.out) + norm(context.c_out)
    if expansion == 1:
        return cost
    return cost + convolution(context.c_in, wide, 1, context.size) + norm(wide)


def _linear(context: OperatorContext, arguments: Arguments) -> Cost:
    return linear(context.c_in, context.c_out, context.out**2)


def _feed_forward(context: OperatorContext, arguments: Arguments) -> Cost:
    wide = context.c_in * _whole(arguments, "expansion")
    return norm(context.c_in) + linear(context.c_in, wide, context.out**2) + linear(wide, context.c_out, context.out**2)


def _attention(context: OperatorContext, arguments: Arguments) -> Cost:
    # The products of queries, keys and values are no layers and have no weights, so they do not count.
    positions = context.out**2
    return (
        norm(context.c_in)
        + linear(context.c_in, 3 * context.c_out, positions)
        + linear(context.c_out, context.c_out, positions)
    )


def _attention_fits(context: OperatorContext, arguments: Arguments) -> str | None:
    heads = _whole(arguments, "heads")
    if context.c_out % heads:
        return f"{context.c_out} channels cannot be shared by {heads} heads"
    return None


def _pool_linear(context: OperatorContext, arguments: Arguments) -> Cost:
    return linear(context.c_in, context.c_out)


def _bn_relu_pool_linear(context: OperatorContext, arguments: Arguments) -> Cost:
    return norm(context.c_in) + linear(context.c_in, context.c_out)


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
