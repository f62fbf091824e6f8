"""Layers, losses and initialisers for networks."""

from autograd_nn.nn.activations import (
    ELU,
    GELU,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from autograd_nn.nn.convolution import (
    AvgPool2d,
    Conv2d,
    Flatten,
    MaxPool2d,
)
from autograd_nn.nn.dropout import (
    Dropout,
)
from autograd_nn.nn.embedding import (
    Embedding,
)
from autograd_nn.nn.initialisers import (
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    orthogonal,
    standard_normal,
    uniform_fan_in,
)
from autograd_nn.nn.layers import (
    Linear,
    Sequential,
    Sigmoid,
    SigmoidNetwork,
)
from autograd_nn.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    half_sse_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
)
from autograd_nn.nn.mlp import (
    MLP,
)
from autograd_nn.nn.module import (
    Module,
)
from autograd_nn.nn.normalisation import (
    BatchNorm1d,
    BatchNorm2d,
    LayerNorm,
)
from autograd_nn.nn.onnx import (
    to_onnx,
)
from autograd_nn.nn.pytorch import (
    from_pytorch,
    to_pytorch,
)
from autograd_nn.nn.recurrent import (
    GRU,
    LSTM,
    RNN,
)

__all__ = [
    "ELU",
    "GELU",
    "GRU",
    "LSTM",
    "MLP",
    "RNN",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSoftmax",
    "MaxPool2d",
    "Module",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SigmoidNetwork",
    "Softmax",
    "Softplus",
    "Tanh",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "from_pytorch",
    "glorot_normal",
    "glorot_uniform",
    "half_sse_loss",
    "he_normal",
    "he_uniform",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "lecun_normal",
    "mse_loss",
    "orthogonal",
    "standard_normal",
    "to_onnx",
    "to_pytorch",
    "uniform_fan_in",
]
