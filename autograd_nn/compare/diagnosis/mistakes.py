"""The classes of mistakes that hand-written backward passes contain, each with its sentence."""

MISTAKES = {
    "double-derivative": "the derivative of the activation is taken at the activation itself, "
    "where its input was due",
    "missing-derivative": "the derivative of the activation is missing",
    "wrong-derivative": "this is not the derivative of the activation that the forward pass uses",
    "stale-weights": "the weights are used after they were updated",
    "bias-reduction": "the gradient of the bias is not the sum over the samples",
    "wrong-operand": "a wrong factor is in the product",
    "transpose": "a factor is transposed that should not be, or the reverse",
    "overwrite": "a contribution is overwritten where it should be added to the others",
    "softmax-jacobian": "only the diagonal of the softmax Jacobian is used",
    "loss-mismatch": "this is the derivative of another loss than the one that is measured",
    "upstream-dropped": "the gradient that comes from above is dropped",
    "regularisation": "the term of the regularisation is missing, doubled or has the wrong sign",
    "mask": "the mask is missing, applied twice, or taken from the wrong array",
    "recurrent-term": "the term that comes back from the following time step is missing",
    "batch-norm-term": "a term of batch normalisation's derivative is missing",
    "constant": "the gradient is a constant multiple of the right one",
    "unknown": "the line is wrong in a way that has no name here",
}
