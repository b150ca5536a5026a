"""Patches of fluid in planes across a canal, linked from its fundus to its mouth.

Where bone goes all round a patch it ends by itself. The petrous bone's face runs past
a canal obliquely: medially one wall ends millimetres before the others, and there the
patch runs out into the cistern. It is then the circle through the walls that remain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.regions.t2.planes import STEP_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.regions.t2.planes import PlaneBlock
    from nvc.settings.groups.regions import CanalSettings
    from nvc.settings.regions import RegionsSettings

_RAYS: Count[int] = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanalSection:
    """A canal's fluid in one plane.

    Parameters
    ----------
    plane : int
        Counted medially.
    middle : tuple of float
        Row and column.
    area_mm2 : float
        Of the fluid, nerves in it included.
    fluid, brightest : float
        Mean intensity, and what a fifth of it exceeds, bone 0 and CSF 1.
    roundness : float
        1 for a disc, less for anything else of this area.
    pixels : ndarray of bool, shape (N, N)
        The fluid.
    is_open : bool
        Whether bone is missing on one side.
    """

    plane: int
    middle: tuple[float, float]
    area_mm2: float
    fluid: float
    brightest: float
    roundness: float
    pixels: NDArray[np.bool_]
    is_open: bool = False


def link_sections(
    block: PlaneBlock, threshold: float, settings: RegionsSettings
) -> list[list[CanalSection]]:
    """Link patches that bone encloses, and follow them to where it has gone.

    Parameters
    ----------
    block : PlaneBlock
        Planes across the canal, medially.
    threshold : float
        Between bone and fluid, in the block's values.
    settings : RegionsSettings
        Sizes of a patch, and how much of its wall must be there.

    Returns
    -------
    list of list of CanalSection
        Each from lateral to medial, its open sections last.
    """
    chains = _enclosed_chains(block, threshold, settings)
    longer = [_opened(block, chain, threshold, settings) for chain in chains]
    fewest = round(settings.canal_bony_min_mm / STEP_MM)
    return [chain for chain in longer if len(chain) >= fewest]


def _sections(
    block: PlaneBlock, plane: int, threshold: float, settings: RegionsSettings
) -> list[CanalSection]:
    """Return the enclosed patches of one plane."""
    bright = block.values[plane] > threshold
    labels, _ = ndimage.label(bright)
    sections = []
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        if any(extent.start == 0 or extent.stop == len(labels) for extent in box):
            continue
        height, width = (extent.stop - extent.start for extent in box)
        if height * width * STEP_MM**2 < settings.canal_area_min_mm2:
            continue
        pixels = np.zeros_like(bright)
        pixels[box] = ndimage.binary_fill_holes(labels[box] == label)
        area = float(pixels.sum()) * STEP_MM**2
        if not settings.canal_area_min_mm2 <= area <= settings.canal_area_max_mm2:
            continue
        rows, columns = np.nonzero(pixels)
        middle = (float(rows.mean()), float(columns.mean()))
        spread = np.mean((rows - middle[0]) ** 2 + (columns - middle[1]) ** 2)
        # A disc of area A has a second moment of A / (2 pi).
        roundness = pixels.sum() / (2 * np.pi) / max(float(spread), 1e-6)
        sections.append(
            CanalSection(
                plane=plane,
                middle=middle,
                area_mm2=area,
                fluid=float(block.values[plane][pixels].mean()),
                brightest=float(np.percentile(block.values[plane][pixels], 80.0)),
                roundness=float(min(roundness, 1.0)),
                pixels=pixels,
            )
        )
    return sections


def _enclosed_chains(
    block: PlaneBlock, threshold: float, settings: RegionsSettings
) -> list[list[CanalSection]]:
    """Link enclosed patches of neighbouring planes, from lateral to medial."""
    open_chains: list[list[CanalSection]] = []
    done: list[list[CanalSection]] = []
    for plane in range(len(block.values)):
        sections = _sections(block, plane, threshold, settings)
        taken: set[int] = set()
        going_on: list[list[CanalSection]] = []
        for chain in sorted(open_chains, key=len, reverse=True):
            match = _continuation(chain[-1], sections, taken, settings.canal)
            if match is None:
                done.append(chain)
            else:
                taken.add(match)
                going_on.append([*chain, sections[match]])
        going_on += [[s] for n, s in enumerate(sections) if n not in taken]
        open_chains = going_on
    done += open_chains
    fewest = round(settings.canal_end_min_mm / STEP_MM)
    cut = [
        _without_labyrinth(chain, settings.canal)
        for chain in done
        if len(chain) >= fewest
    ]
    return [chain for chain in cut if len(chain) >= fewest]


def _without_labyrinth(
    chain: list[CanalSection], settings: CanalSettings
) -> list[CanalSection]:
    """Cut a chain, ordered from lateral to medial, at a neck or a sideways jump.

    The bone between fundus and labyrinth is thin: at a low threshold the canal goes
    on into the vestibule or the cochlea.
    """
    kept = [chain[-1]]
    for section in reversed(chain[:-1]):
        usual = float(np.median([s.area_mm2 for s in kept]))
        step = np.hypot(
            section.middle[0] - kept[-1].middle[0],
            section.middle[1] - kept[-1].middle[1],
        )
        is_neck = section.area_mm2 < settings.neck_max * usual
        if len(kept) >= 3 and (is_neck or step > settings.jump_max):
            break
        kept.append(section)
    return kept[::-1]


def _continuation(
    last: CanalSection,
    sections: list[CanalSection],
    taken: set[int],
    settings: CanalSettings,
) -> int | None:
    """Return which patch of the next plane carries on, or None."""
    best, choice = settings.overlap_min, None
    for number, section in enumerate(sections):
        if number in taken:
            continue
        common = float((last.pixels & section.pixels).sum())
        share = common / min(last.pixels.sum(), section.pixels.sum())
        ratio = section.area_mm2 / last.area_mm2
        if share > best and 0.5 < ratio < 2.0:
            best, choice = share, number
    return choice


def _opened(
    block: PlaneBlock,
    chain: list[CanalSection],
    threshold: float,
    settings: RegionsSettings,
) -> list[CanalSection]:
    """Follow a chain on medially while bone is missing on one side only."""
    longer = list(chain)
    for plane in range(chain[-1].plane + 1, len(block.values)):
        section = _open_section(block, plane, threshold, longer[-1], settings)
        if section is None:
            break
        longer.append(section)
    return longer


def _open_section(
    block: PlaneBlock,
    plane: int,
    threshold: float,
    last: CanalSection,
    settings: RegionsSettings,
) -> CanalSection | None:
    """Fit a circle to what there is of a canal's wall around the last middle."""
    values = block.values[plane]
    # A nerve in the fluid is no wall.
    fluid = ndimage.binary_fill_holes(values > threshold)
    angle = 2 * np.pi * np.arange(_RAYS) / _RAYS
    rays = np.column_stack([np.cos(angle), np.sin(angle)])
    reach = np.sqrt(settings.canal_area_max_mm2 / np.pi) / STEP_MM
    steps = np.arange(0.0, reach, 0.25)
    places = np.array(last.middle) + steps[:, None, None] * rays
    row, column = np.moveaxis(np.rint(places).astype(int), -1, 0)
    row, column = (np.clip(k, 0, len(values) - 1) for k in (row, column))
    wall = ~fluid[row, column]
    met = wall.any(axis=0)
    if wall[0].any() or met.mean() < settings.canal_walls_min:
        return None
    at = np.array(last.middle) + steps[wall.argmax(axis=0), None] * rays
    middle, radius = _circle(at[met])
    area = np.pi * (radius * STEP_MM) ** 2
    if not settings.canal_area_min_mm2 <= area <= settings.canal_area_max_mm2:
        return None
    rows, columns = np.indices(values.shape)
    disc = np.hypot(rows - middle[0], columns - middle[1]) <= radius
    pixels = disc & fluid
    # Two sections have most in common; elsewhere another space has been met.
    common = (pixels & last.pixels).sum()
    if not common or 2 * common < min(pixels.sum(), last.pixels.sum()):
        return None
    return CanalSection(
        plane=plane,
        middle=(float(middle[0]), float(middle[1])),
        area_mm2=float(area),
        fluid=float(values[pixels].mean()),
        brightest=float(np.percentile(values[pixels], 80.0)),
        roundness=float(pixels.sum() / disc.sum()),
        pixels=pixels,
        is_open=True,
    )


def _circle(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Fit a circle to points, shape (N, 2), by linear least squares (Kasa 1976)."""
    centre = points.mean(axis=0)
    local = points - centre
    design = np.column_stack([2 * local, np.ones(len(local))])
    solved = np.linalg.lstsq(design, (local**2).sum(axis=1), rcond=None)[0]
    radius = np.sqrt(max(float(solved[2] + solved[:2] @ solved[:2]), 0.0))
    return centre + solved[:2], float(radius)
