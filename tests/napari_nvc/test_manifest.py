"""The plugin is found: a manifest with a fault would make it vanish in silence."""

from __future__ import annotations

import pytest


@pytest.mark.gui
def test_the_manifest_is_found_and_everything_in_it_can_be_imported():
    from npe2 import PluginManifest

    manifest = PluginManifest.from_distribution("nvc-review")
    manifest.validate_imports()
    assert manifest.name == "nvc-review"
    contributions = manifest.contributions
    assert [w.display_name for w in contributions.widgets] == ["Review"]
    assert [s.key for s in contributions.sample_data] == ["demo"]
    (reader,) = contributions.readers
    assert reader.filename_patterns == ["*.review", "*report.json"]
