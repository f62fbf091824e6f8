"""Fourier transforms."""

from ..domains import real
from ..operation import Argument
from ..parameters import axes_tuple, axis, pick
from .line import op

norm = pick(None, "ortho", "forward", "backward")
length = pick(None, 1, 2, 3, 4, 5)
matrix = Argument(real, "..., m, n")

# fmt: off
OPERATIONS = [
    *[
        op(f"np.fft.{name}({{x}}, {{n_out}}, axis={{axis}}, norm={{how}})",
           f"torch.fft.{name}({{x}}, {{n_out}}, dim={{axis}}, norm={{how}})",
           analytic=False, complex=name not in ("rfft", "ihfft"), n_out=length, axis=axis, how=norm)
        for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
    ],
    *[
        op(f"np.fft.{name}({{x}}, norm={{how}})", "=", analytic=False, complex=name != "rfft2",
           x=matrix, how=norm)
        for name in ("fft2", "ifft2", "rfft2", "irfft2")
    ],
    *[
        op(f"np.fft.{name}({{x}}, axes={{axes}}, norm={{how}})",
           f"torch.fft.{name}({{x}}, dim={{axes}}, norm={{how}})", analytic=False,
           complex=name != "rfftn", axes=axes_tuple, how=norm)
        for name in ("fftn", "ifftn", "rfftn", "irfftn")
    ],
    op("np.fft.fft2({x}, s=(2, 3), axes=(-2, -1))", "torch.fft.fft2({x}, s=(2, 3), dim=(-2, -1))",
       analytic=False, complex=True, x=matrix),
    op("np.fft.irfft(np.fft.rfft({x}))", "=", analytic=False, x=Argument(real, "..., n")),
    op("np.abs(np.fft.fft({x}))", "=", analytic=False, complex=True, x=Argument(real, "..., n"),
       kink="np.fft.fft({x})"),
    op("np.fft.fftshift({x})", "=", analytic=False, complex=True),
    op("np.fft.ifftshift({x}, axes={axis})", "torch.fft.ifftshift({x}, dim={axis})",
       analytic=False, complex=True, axis=axis),
]
