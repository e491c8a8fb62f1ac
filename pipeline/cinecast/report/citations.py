"""What a text on a run cites: the sources of its stages, of its methods, and of cinecast itself."""

from __future__ import annotations

from inspect import getdoc

from cinecast_models.registry import METHODS

# Digital object identifiers and numbers of arXiv stand without an address: a report names no place of a network.
SOURCES: dict[str, str] = {
    "cinecast": "cinecast contributors. cinecast, version {version}. Software, BSD-3-Clause.",
    "pohl2026": "Pohl M, Uesaka M, Takahashi H, Demachi K, Chhatkuli RB. Frame forecasting in cine MRI using "
    "the PCA respiratory motion model: comparing recurrent neural networks trained online and "
    "transformers. Computerized Medical Imaging and Graphics, 2026. "
    "doi:10.1016/j.compmedimag.2026.102755, arXiv:2410.05882.",
    "pohl2025": "Pohl M, Uesaka M, Takahashi H, Demachi K, Chhatkuli RB. Real-time respiratory motion "
    "forecasting with online learning of recurrent neural networks for accurate targeting in "
    "externally guided radiotherapy. Computer Methods and Programs in Biomedicine, 2025. "
    "doi:10.1016/j.cmpb.2025.108828, arXiv:2403.01607.",
    "pohl2022": "Pohl M, Uesaka M, Takahashi H, Demachi K, Chhatkuli RB. Prediction of the Position of "
    "External Markers Using a Recurrent Neural Network Trained With Unbiased Online Recurrent "
    "Optimization for Safe Lung Cancer Radiotherapy. Computer Methods and Programs in "
    "Biomedicine, 2022. doi:10.1016/j.cmpb.2022.106908.",
    "lucas1981": "Lucas BD, Kanade T. An iterative image registration technique with an application to stereo "
    "vision. Proc. 7th International Joint Conference on Artificial Intelligence, 1981, 674-679.",
    "wang2004": "Wang Z, Bovik AC, Sheikh HR, Simoncelli EP. Image quality assessment: from error visibility "
    "to structural similarity. IEEE Transactions on Image Processing 13(4), 2004, 600-612. "
    "doi:10.1109/TIP.2003.819861.",
    "cesa2006": "Cesa-Bianchi N, Lugosi G. Prediction, Learning, and Games. Cambridge University Press, 2006.",
    "widrow1960": "Widrow B, Hoff ME. Adaptive switching circuits. IRE WESCON Convention Record 4, 1960, 96-104.",
    "nagumo1967": "Nagumo J, Noda A. A learning method for system identification. IEEE Transactions on "
    "Automatic Control 12(3), 1967, 282-287.",
    "haykin2002": "Haykin S. Adaptive Filter Theory, 4th edition. Prentice Hall, 2002.",
    "saunders1998": "Saunders C, Gammerman A, Vovk V. Ridge regression learning algorithm in dual variables. "
    "Proc. 15th International Conference on Machine Learning, 1998, 515-521.",
    "rasmussen2006": "Rasmussen CE, Williams CKI. Gaussian Processes for Machine Learning. MIT Press, 2006.",
    "vanvaerenbergh2012": "Van Vaerenbergh S, Santamaría I, Lázaro-Gredilla M. Estimation of the forgetting factor in "
    "kernel recursive least squares. IEEE International Workshop on Machine Learning for Signal "
    "Processing, 2012.",
    "lorenz1969": "Lorenz EN. Atmospheric predictability as revealed by naturally occurring analogues. Journal of the "
    "Atmospheric Sciences 26(4), 1969, 636-646.",
    "lguensat2017": "Lguensat R, Tandeo P, Ailliot P, Pulido M, Fablet R. The Analog Data Assimilation. Monthly "
    "Weather Review 145(10), 2017, 4093-4107. doi:10.1175/MWR-D-16-0441.1.",
    "smola2004": "Smola AJ, Schölkopf B. A tutorial on support vector regression. Statistics and Computing 14, "
    "2004, 199-222. doi:10.1023/B:STCO.0000035301.49549.88.",
    "vaswani2017": "Vaswani A, Shazeer N, Parmar N, Uszkoreit J, Jones L, Gomez AN, Kaiser Ł, Polosukhin I. "
    "Attention Is All You Need. 2017. arXiv:1706.03762.",
    "jaeger2001": "Jaeger H. The echo state approach to analysing and training recurrent neural networks. GMD "
    "Report 148, German National Research Center for Information Technology, 2001.",
    "williams1989": "Williams RJ, Zipser D. A Learning Algorithm for Continually Running Fully Recurrent Neural "
    "Networks. Neural Computation 1(2), 1989, 270-280. doi:10.1162/neco.1989.1.2.270.",
    "menick2020": "Menick J, Elsen E, Evci U, Osindero S, Simonyan K, Graves A. A Practical Sparse "
    "Approximation for Real Time Recurrent Learning. 2020. arXiv:2006.07232.",
    "tallec2018": "Tallec C, Ollivier Y. Unbiased Online Recurrent Optimization. 2018. arXiv:1702.05043.",
    "jaderberg2017": "Jaderberg M, Czarnecki WM, Osindero S, Vinyals O, Graves A, Silver D, Kavukcuoglu K. "
    "Decoupled Neural Interfaces using Synthetic Gradients. International Conference on Machine "
    "Learning, 2017.",
}

# Sources of each method of our own; none where least squares or the latest sample needs none.
METHOD_SOURCES: dict[str, tuple[str, ...]] = {
    "persistence": (),
    "linear": (),
    "lms": ("widrow1960",),
    "nlms": ("nagumo1967",),
    "rls": ("haykin2002",),
    "kernel_ridge": ("saunders1998",),
    "kernel_tracker": ("rasmussen2006", "vanvaerenbergh2012"),
    "analogue": ("lorenz1969", "lguensat2017"),
    "mixture": ("cesa2006",),
    "svr": ("smola2004",),
    "transformer": ("vaswani2017", "pohl2026"),
    "population_transformer": ("vaswani2017", "pohl2026"),
    "fixed": ("jaeger2001",),
    "rtrl": ("williams1989",),
    "snap1": ("menick2020",),
    "uoro": ("tallec2018", "pohl2022"),
    "dni": ("jaderberg2017", "pohl2025"),
}


def method_source(name: str) -> tuple[str, ...]:
    """Return the sources of a method: keys of `SOURCES`, or for one of another package a sentence on it.

    Parameters
    ----------
    name
        Name of the method.

    Returns
    -------
    tuple[str, ...]
        Empty where nothing is known.
    """
    if name in METHOD_SOURCES:
        return METHOD_SOURCES[name]
    method = METHODS.get(name)
    if method is None:
        return ()
    first = (getdoc(method.forecaster) or "").split("\n\n")[0].replace("\n", " ").strip()
    package = f"Software, {method.source}." if method.source else ""
    said = " ".join(part for part in (f"{method.title}.", first, package) if part)
    return (said,)
