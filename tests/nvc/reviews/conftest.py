"""The sample study, read and measured once for all tests of reviews."""

from __future__ import annotations

import pytest

from nvc.io.sample import find_sample_study
from nvc.io.study.by_content import load_inputs
from nvc.io.study.load import load_study
from nvc.pipeline import Result
from nvc.reviews.edits import measure_found
from nvc.reviews.session import ReviewSession
from nvc.settings import Settings


@pytest.fixture(scope="session")
def sample():
    folder = find_sample_study()
    read = load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")
    digests = {role: series.sha256 for role, series in read.series.items()}
    return load_inputs(digests, [folder])[0]


@pytest.fixture
def session(sample, tmp_path) -> ReviewSession:
    return ReviewSession.begin(sample, Settings(), tmp_path / "one.review")


@pytest.fixture(scope="session")
def found(sample, tmp_path_factory) -> Result:
    path = tmp_path_factory.mktemp("found") / "found.review"
    return measure_found(sample, ReviewSession.begin(sample, Settings(), path).state)
