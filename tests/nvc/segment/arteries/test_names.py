import numpy as np

from nvc.model.stages import HeadFrame
from nvc.segment.arteries.names import name_parts

ROOTS = np.array([[10.0, -2.0, 0.0], [-10.0, -2.0, 0.0]])


def line(*nodes):
    nodes = np.array(nodes, dtype=float)
    arc = np.concatenate(
        [[0], np.cumsum(np.linalg.norm(np.diff(nodes, axis=0), axis=1))]
    )
    at = np.arange(0.0, arc[-1], 0.5)
    return np.stack([np.interp(at, arc, c) for c in nodes.T], axis=1)


BASILAR = line((0, 10, 0), (0, 11, 25))
VERTEBRAL = line((12, 0, -25), (5, 6, -10), (0.5, 9.5, -2.5))
AICA = line((2, 10, 9), (10, 6, 3), (20, 0, 2))
SCA = line((2, 10, 20), (12, 6, 16), (20, -4, 18))
PICA = line((11, 1, -20), (16, -4, -16), (15, -10, -12))
LONE = line((20, 0, -5), (25, 4, 5))


def parts_of(head):
    courses = [BASILAR, VERTEBRAL, AICA, SCA, PICA, LONE]
    radii = [1.6, 1.4, 0.5, 0.6, 0.7, 0.5]
    radius = [np.full(len(c), r) for c, r in zip(courses, radii, strict=True)]
    return name_parts(courses, radius, head, ROOTS)


def named(head):
    return [part.name for part in parts_of(head)]


def test_the_usual_tree():
    head = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
    names = named(head)
    assert names == ["BA", "VA", "AICA-like", "SCA-like", "PICA-like", None]


def test_nothing_is_named_without_a_head():
    assert named(None) == [None] * 6


def test_a_course_is_cut_where_the_trunk_ends():
    head = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
    course = np.concatenate([BASILAR[:19], line((1, 10, 9.5), (18, 2, 3))])
    radius = np.where(np.arange(len(course)) < 20, 1.6, 0.5)
    parts = name_parts(
        [course, VERTEBRAL], [radius, np.full(len(VERTEBRAL), 1.4)], head, ROOTS
    )
    assert [p.name for p in parts] == ["BA", "AICA-like", "VA"]
    assert parts[1].first == parts[0].stop - 1
    assert parts[1].stop == len(course)


def test_one_swollen_station_is_no_trunk():
    head = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
    radius = np.full(len(AICA), 0.5)
    radius[10] = 3.0
    assert [p.name for p in name_parts([AICA], [radius], head, ROOTS)] == [None]


def test_every_name_and_no_other_stretch_has_a_certainty():
    parts = parts_of(HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3)))
    *known, lone = [part.confidence for part in parts]
    assert min(known) > 0.5
    assert max(known) < 1.0
    assert lone is None
    assert {part.confidence for part in parts_of(None)} == {None}


def certainty_of_branch(branch, trunks):
    """Certainty of the first course's name, below two trunks as wide as usual."""
    head = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
    radius = [np.full(len(branch), 0.5), *(np.full(len(t), 1.5) for t in trunks)]
    found = name_parts([branch, *trunks], radius, head, ROOTS)[0]
    return found.name, found.confidence


def test_a_gap_to_the_trunk_makes_a_name_less_sure():
    name, joined = certainty_of_branch(AICA, [BASILAR, VERTEBRAL])
    apart = AICA + np.array([0.9, 0.0, 0.0])
    assert certainty_of_branch(apart, [BASILAR, VERTEBRAL])[0] == name == "AICA-like"
    assert certainty_of_branch(apart, [BASILAR, VERTEBRAL])[1] < joined


def test_a_name_near_the_junction_is_less_sure():
    trunks = [BASILAR, VERTEBRAL]
    far, near, at_it = (
        certainty_of_branch(AICA - np.array([0.0, 0.0, down]), trunks)
        for down in (4.0, 6.0, 9.0)
    )
    assert far[0] == near[0] == "AICA-like"
    assert near[1] < far[1]
    assert at_it == (None, None)


def test_an_unseen_junction_lies_at_its_usual_height():
    seen = certainty_of_branch(AICA - np.array([0.0, 0.0, 8.5]), [BASILAR])
    assert seen[0] == "AICA-like"
    assert seen[1] < 0.7
