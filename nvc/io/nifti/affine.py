"""Which affine of a NIfTI header can be trusted with left and right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import InputError
from nvc.io.doors.gates import format_sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.io.doors.reading import Use
    from nvc.io.nifti.header import NiftiHeader
    from nvc.settings.input import InputSettings

_QUATERNION_SLACK = 1e-4
_CONVERT = "Convert it again from DICOM."


# Headers hold any numbers: those that overflow are refused below as not finite.
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def choose_affine(
    header: NiftiHeader, use: Use, where: str, settings: InputSettings
) -> tuple[NDArray[np.float64], str]:
    """Return the voxel-to-RAS affine in mm and the name of the form it came from.

    Parameters
    ----------
    header : NiftiHeader
        A checked header.
    use : {"auto", "sform", "qform"}
        ``"auto"`` takes the sform where there is one, and demands that a qform, if
        there is one too, says the same.

    Returns
    -------
    affine : ndarray, shape (4, 4)
        RAS mm.
    source : str
        ``"sform"`` or ``"qform"``.

    Raises
    ------
    InputError
        If there is no affine, it is not usable, or the two disagree.
    """
    if header.sform_code == 0 and header.qform_code == 0:
        raise InputError.of(
            "no-orientation",
            where,
            "says nothing of its orientation (qform_code and sform_code are 0): "
            "left and right are unknown.",
            _CONVERT,
        )
    if use == "sform" or (use == "auto" and header.sform_code):
        affine = _sform(header, where)
        if use == "auto":
            _require_same_sizes(affine, header, where, settings)
            if header.qform_code:
                qform = _qform(header, where)
                _require_agreement(affine, qform, where, settings)
        return affine, "sform"
    return _qform(header, where), "qform"


def _sform(header: NiftiHeader, where: str) -> NDArray[np.float64]:
    if header.sform_code == 0:
        raise InputError.of(
            "no-sform", where, "has no sform (sform_code is 0).", "Try --use-qform."
        )
    affine = np.eye(4)
    affine[:3] = header.sform * header.mm_per_unit
    return _invertible(affine, "sform", where)


def _qform(header: NiftiHeader, where: str) -> NDArray[np.float64]:
    """Rotation from the quaternion, as the NIfTI-1 standard defines method 2."""
    if header.qform_code == 0:
        raise InputError.of(
            "no-qform", where, "has no qform (qform_code is 0).", "Try --use-sform."
        )
    sizes = np.array(header.pixdim[1:4])
    if not (np.isfinite(sizes).all() and (sizes > 0).all()):
        raise InputError.of(
            "voxel-size",
            where,
            "its voxel sizes (pixdim) are not all positive, as its qform needs.",
            _CONVERT,
        )
    b, c, d = header.quaternion[:3]
    squares = b * b + c * c + d * d
    handedness = header.pixdim[0] or 1.0
    if not squares <= 1 + _QUATERNION_SLACK or abs(handedness) != 1:
        raise InputError.of(
            "affine",
            where,
            "its qform is no rotation (quaternion or qfac is wrong).",
            _CONVERT,
        )
    a = np.sqrt(max(0.0, 1.0 - squares))
    a, b, c, d = np.array([a, b, c, d]) / np.sqrt(a * a + squares)
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    affine = np.eye(4)
    affine[:3, :3] = rotation * sizes * [1.0, 1.0, handedness]
    affine[:3, 3] = header.quaternion[3:6]
    affine[:3] *= header.mm_per_unit
    return _invertible(affine, "qform", where)


def _invertible(
    affine: NDArray[np.float64], form: str, where: str
) -> NDArray[np.float64]:
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    finite = bool(np.isfinite(affine).all())
    # Relative to the axes' lengths: two axes in one plane, whatever the voxel size.
    usable = finite and lengths.min() > 0
    if usable:
        usable = abs(np.linalg.det(affine[:3, :3] / lengths)) > 1e-3
    if not usable or np.abs(affine).max() > 1e6:
        raise InputError.of(
            "affine",
            where,
            f"its {form} is not usable (zero, not finite, or axes in one plane).",
            _CONVERT,
        )
    return affine


def _require_same_sizes(
    affine: NDArray[np.float64],
    header: NiftiHeader,
    where: str,
    settings: InputSettings,
) -> None:
    stated = np.array(header.pixdim[1:4]) * header.mm_per_unit
    found = np.linalg.norm(affine[:3, :3], axis=0)
    if np.all(np.abs(stated - found) <= settings.voxel_size_tolerance * found):
        return
    raise InputError.of(
        "voxel-size",
        where,
        f"its sform has voxels of {format_sizes(found)} mm, "
        f"its pixdim of {format_sizes(stated)} mm.",
        "Say which is right with --use-sform or --use-qform.",
    )


def _require_agreement(
    sform: NDArray[np.float64],
    qform: NDArray[np.float64],
    where: str,
    settings: InputSettings,
) -> None:
    """Demand that both forms give one direction, handedness and origin."""
    axes = [
        form[:3, :3] / np.linalg.norm(form[:3, :3], axis=0) for form in (sform, qform)
    ]
    apart = np.linalg.norm(axes[0] - axes[1], axis=0).max()
    angle_deg = float(np.degrees(2 * np.arcsin(min(apart / 2, 1.0))))
    shift_mm = float(np.abs(sform[:3, 3] - qform[:3, 3]).max())
    mirrored = np.linalg.det(sform[:3, :3]) * np.linalg.det(qform[:3, :3]) < 0
    if (
        angle_deg <= settings.max_form_angle_deg
        and shift_mm <= settings.max_form_shift_mm
        and not mirrored
    ):
        return
    how = "are mirror images" if mirrored else f"differ by {angle_deg:.2f} degrees"
    raise InputError.of(
        "forms-disagree",
        where,
        f"its sform and qform {how} and {shift_mm:.2f} mm: left and right, or "
        "places, are in doubt.",
        "Say which is right with --use-sform or --use-qform.",
    )
