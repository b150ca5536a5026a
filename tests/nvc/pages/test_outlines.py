from dataclasses import replace

import numpy as np
import pytest

from nvc.model.anatomy import Side, Structure
from nvc.pages.outlines import cut_outlines
from nvc.pages.planes import lay_across, lay_axial

PIXEL_MM = 0.04


def areas(plane, segmentation):
    """Area inside each outline, mm2."""
    found = cut_outlines(plane.points_mm(PIXEL_MM), segmentation)
    return {o.structure: (o.signed < 0).sum() * PIXEL_MM**2 for o in found}


@pytest.fixture
def across(outcome):
    nerve = outcome.segmentation.sides[Side.RIGHT].facial
    course = nerve.points_mm[21] - nerve.points_mm[19]
    axes = outcome.aligned.reference.grid.axes_ras
    return lay_across(nerve.points_mm[20], course / np.linalg.norm(course), axes, 10.0)


def test_cut_across_a_nerve_has_its_area(outcome, across):
    found = areas(across, outcome.segmentation)
    assert found[Structure.CN7_RIGHT] == pytest.approx(np.pi * 0.85**2, rel=0.03)
    assert Structure.CN7_LEFT not in found


def test_given_labels_are_outlined_instead_of_tubes(outcome, across):
    labels = outcome.labels
    segmentation = replace(outcome.segmentation, labels=labels, vessels=(), sides={})
    found = areas(across, segmentation)
    assert found[Structure.CN7_RIGHT] == pytest.approx(np.pi * 0.85**2, rel=0.3)


def test_vessels_are_outlined_first_and_the_facial_nerve_last(outcome):
    contact = outcome.report.sides[Side.RIGHT].closest_point_nerve_mm
    axes = outcome.aligned.reference.grid.axes_ras
    plane = lay_axial(np.array(contact), axes, 36.0)
    found = cut_outlines(plane.points_mm(0.3), outcome.segmentation)
    order = [outline.structure for outline in found]
    assert order[0] is Structure.ARTERY
    assert order[-1] is Structure.CN7_RIGHT
    assert Structure.BRAINSTEM not in order


def test_plane_far_from_everything_is_empty(outcome):
    axes = outcome.aligned.reference.grid.axes_ras
    plane = lay_axial(np.array([0.0, 0.0, 300.0]), axes, 20.0)
    assert cut_outlines(plane.points_mm(1.0), outcome.segmentation) == ()
