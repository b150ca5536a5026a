"""Make the pictures of design.md: what each stage hands on, on the demo study.

Usage: python docs/stage_pictures.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import nvc
from nvc.io.nifti.labels_out import COLOURS
from nvc.io.sample import find_sample_study
from nvc.measurement.gap.profile import trace_gap_profile
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from nvc.pages.outlines import cut_outlines
from nvc.pages.pictures import ACROSS_MM, draw_side
from nvc.pages.planes import Plane, lay_axial
from nvc.sampling import Sampler

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.pipeline import Result

IMAGES = Path(__file__).parent / "images"
PIXEL_MM, WIDE_MM, NEAR_MM = 0.25, 80.0, 34.0
INCHES, DPI = 4.2, 110
SIDE_COLOUR = {Side.LEFT: "#ffb340", Side.RIGHT: "#5ac8fa"}
LANDMARKS = ("root_exit_point_mm", "root_detachment_mm", "porus_mm", "fundus_mm")
NAMES = ("RExP", "RDP", "porus", "fundus")


def main() -> int:
    """Write ``docs/images/stage-*.png``; return an exit code."""
    folder = find_sample_study()
    study = nvc.load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")
    result = nvc.measure(study)
    IMAGES.mkdir(exist_ok=True)
    for name, draw in STAGES.items():
        figure = Figure(figsize=(2 * INCHES, INCHES), dpi=DPI, facecolor="white")
        canvas = FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2)
        draw(result, left, right)
        figure.tight_layout()
        path = IMAGES / f"stage-{name}.png"
        canvas.print_png(str(path), metadata={"Software": None})
    return 0


def draw_alignment(result: Result, left: Axes, right: Axes) -> None:
    """The T2, and the TOF where its registration puts it."""
    aligned = result.aligned
    tof = aligned.companions[SequenceRole.TOF]
    centre = _between_canals(result)
    show(left, result, aligned.reference, centre, WIDE_MM)
    left.set_title("reference: T2")
    show(right, result, aligned.reference, centre, WIDE_MM)
    points = lay_axial(centre, aligned.reference.grid.axes_ras, WIDE_MM).points_mm(
        PIXEL_MM
    )
    flow = Sampler.over(tof.volume, order=1)(tof.to_companion_mm(points))
    bright = np.ma.masked_less(np.nan_to_num(flow), np.nanpercentile(flow, 99.6))
    half = WIDE_MM / 2
    right.imshow(bright, cmap="autumn", extent=(-half, half, -half, half))
    right.set_title(f"TOF laid over it, to {tof.residual_mm:.2f} mm")


def draw_regions(result: Result, left: Axes, right: Axes) -> None:
    """The head's own directions, and the seeds of each side's landmarks."""
    regions, reference = result.regions, result.aligned.reference
    centre = _between_canals(result)
    for axes, width, at in (
        (left, WIDE_MM, centre),
        (right, NEAR_MM, _middle(result, Side.RIGHT)),
    ):
        plane = show(axes, result, reference, at, width)
        if regions.head is not None and axes is left:
            origin, forward = regions.head.origin_mm, regions.head.axes[:, 1]
            ends = plane.project(
                np.stack([origin - 60 * forward, origin + 60 * forward])
            )
            axes.plot(ends[:, 0], ends[:, 1], "--", color="white", lw=1)
        for side, region in regions.sides.items():
            for name, word in zip(LANDMARKS, NAMES, strict=True):
                point = getattr(region.landmarks, name)
                if point is not None:
                    x, y, _ = plane.project(point)
                    axes.plot(x, y, "D", ms=6, mfc="none", mec=SIDE_COLOUR[side])
                    if axes is right and abs(x) < width / 2 and abs(y) < width / 2:
                        axes.annotate(word, (x, y), color="white", fontsize=8)
        _keep(axes, width)
    left.set_title("midline and landmarks, seen along the axis")
    right.set_title("seeds on the patient's right")


def draw_segmentation(result: Result, left: Axes, right: Axes) -> None:
    """Nerves and vessels as they were found, in one plane and from the front."""
    reference, found = result.aligned.reference, result.segmentation
    at = _middle(result, Side.RIGHT)
    plane = show(left, result, reference, at, NEAR_MM)
    for outline in cut_outlines(plane.points_mm(PIXEL_MM), found):
        half = NEAR_MM / 2
        at_px = (np.arange(outline.signed.shape[0]) + 0.5) * PIXEL_MM - half
        colour = COLOURS[outline.structure]
        left.contour(at_px, -at_px, outline.signed, levels=[0.0], colors=[colour])
    left.set_title("outlines in one slice")
    for vessel in found.vessels:
        _line(right, vessel.tube.points_mm, "#e03c31", 1.5)
    for side, nerves in found.sides.items():
        for tube, width in ((nerves.facial, 2.5), (nerves.vestibulocochlear, 1.2)):
            if tube is not None:
                _line(right, tube.points_mm, SIDE_COLOUR[side], width)
    right.set_facecolor("black")
    right.set_aspect("equal")
    right.set_xticks([])
    right.set_yticks([])
    right.set_title("CN VII, CN VIII and vessels from the front")


def draw_measurement(result: Result, left: Axes, right: Axes) -> None:
    """The gap across the nerve, and the gap along it."""
    from io import BytesIO

    from PIL import Image

    side = Side.RIGHT
    pictures = draw_side(result.aligned, result.shown, result.report.sides[side], side)
    across = next(p for p in pictures if p.caption.endswith(f"{ACROSS_MM:.0f} mm wide"))
    left.imshow(np.asarray(Image.open(BytesIO(across.png_overlay))))
    left.set_axis_off()
    left.set_title("across the nerve at the closest place")
    for each in Side:
        contacts = result.report.sides[each].contacts
        profile = trace_gap_profile(result.shown, each, contacts)
        if profile is None:
            continue
        colour = SIDE_COLOUR[each]
        right.plot(profile.along_mm, np.minimum(profile.gap_mm, 4), color=colour)
        for gap in profile.measured:
            right.plot([gap.along_mm] * 2, gap.ci_mm, color=colour, lw=3, alpha=0.6)
            right.plot(gap.along_mm, gap.gap_mm, "o", color=colour)
    right.set_ylim(-0.1, 4)
    right.set_xlabel("mm from the root detachment")
    right.set_ylabel("gap, mm")
    right.set_title("along both nerves (right blue, left orange)")


STAGES: dict[str, Callable[[Result, Axes, Axes], None]] = {
    "align": draw_alignment,
    "regions": draw_regions,
    "segment": draw_segmentation,
    "measurement": draw_measurement,
}


def show(
    axes: Axes,
    result: Result,
    volume: Volume,
    centre: NDArray[np.float64],
    width: float,
) -> Plane:
    """Show the axial plane through a point; return the plane."""
    plane = lay_axial(centre, result.aligned.reference.grid.axes_ras, width)
    grey = Sampler.over(volume)(plane.points_mm(PIXEL_MM))
    half = width / 2
    low, high = np.nanpercentile(grey, (0.5, 99.5))
    axes.imshow(
        grey, cmap="gray", vmin=low, vmax=high, extent=(-half, half, -half, half)
    )
    _keep(axes, width)
    return plane


def _keep(axes: Axes, width: float) -> None:
    axes.set_xlim(-width / 2, width / 2)
    axes.set_ylim(-width / 2, width / 2)
    axes.set_axis_off()


def _line(
    axes: Axes, points_mm: NDArray[np.float64], colour: str, width: float
) -> None:
    """Draw a course as seen from the front: the patient's right on the left."""
    axes.plot(-points_mm[:, 0], points_mm[:, 2], color=colour, lw=width)


def _between_canals(result: Result) -> NDArray[np.float64]:
    marks = [region.landmarks.porus_mm for region in result.regions.sides.values()]
    return np.mean([mark for mark in marks if mark is not None], axis=0)


def _middle(result: Result, side: Side) -> NDArray[np.float64]:
    """Half way between detachment and porus."""
    marks = result.report.sides[side].landmarks
    return np.mean([marks.root_detachment_mm, marks.porus_mm], axis=0)


if __name__ == "__main__":
    sys.exit(main())
