import numpy as np

from nvc.model.stages import HeadFrame
from nvc.segment.vessel_names import name_parts

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


def named(head):
    courses = [BASILAR, VERTEBRAL, AICA, SCA, PICA, LONE]
    radii = [1.6, 1.4, 0.5, 0.6, 0.7, 0.5]
    radius = [np.full(len(c), r) for c, r in zip(courses, radii, strict=True)]
    return [p.name for p in name_parts(courses, radius, head, ROOTS)]


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
