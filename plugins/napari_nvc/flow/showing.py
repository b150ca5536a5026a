"""What the views show at each step, and what they must not show yet."""

from __future__ import annotations

import numpy as np

from napari_nvc.pages.view_controls import ViewControls
from napari_nvc.shown.layers import CLOSEST, LANDMARKS, STRUCTURES
from napari_nvc.shown.study import Opened, Reviewed
from napari_nvc.shown.windows import Preset
from napari_nvc.views.linked_views import LinkedViews
from nvc.model.anatomy import Side
from nvc.model.findings import Contact
from nvc.model.grid import Volume
from nvc.model.space import Point
from nvc.model.study import SequenceRole

OVERLAYS = (STRUCTURES, LANDMARKS, CLOSEST)
_ANGLE_MM = 17.0
"""Half the usual distance of the two roots: where to look before anything is known."""


class Showing:
    """Brings studies and findings to the views, and obeys the view controls."""

    def __init__(self, views: LinkedViews, controls: ViewControls) -> None:
        self.views = views
        self.controls = controls
        self.is_revealed = False
        self.side = Side.RIGHT
        self._opened: Opened | None = None
        self._reviewed: Reviewed | None = None
        self._contact = 0
        controls.planeChosen.connect(self.show_plane)
        controls.presetChosen.connect(self._preset)
        controls.tofChanged.connect(self._tof)
        controls.slabChanged.connect(views.set_slab)
        controls.overlayToggled.connect(self._overlay)
        views.across.placed.connect(self._slid)

    def show_study(self, opened: Opened) -> None:
        """Show a study's reference alone, at the cerebellopontine angle."""
        self.is_revealed, self._reviewed, self._opened = False, None, opened
        self.views.across.clear()
        self.views.show(opened.shown, opened.grid)
        self.controls.setRoles((opened.study.reference_role,))
        self.controls.setOverlayAllowed(False)
        self.go_to_side(Side.RIGHT)

    def show_sources(self, reviewed: Reviewed) -> None:
        """Show all sequences, and still nothing that was found."""
        self._reviewed = reviewed
        self._show_companions(reviewed)

    def show_findings(self, reviewed: Reviewed) -> None:
        """Show everything that was found, over the sequences."""
        shown_before = self.is_revealed
        self.is_revealed, self._reviewed = True, reviewed
        if not shown_before:
            self._show_companions(reviewed)
        for layer_data in reviewed.findings:
            self.views.add(layer_data)
        self.views.solid.show_surfaces(list(reviewed.surfaces))
        if not shown_before:
            self.controls.setOverlayAllowed(True)
        self._overlay(self.controls.overlay.isChecked())
        result = reviewed.result
        self.views.across.show_nerves(result.aligned.reference, result.shown)
        self.views.across.go_near(self.side, self.views.point_mm)

    def show_plane(self, plane: str) -> None:
        """Show a plane in the large view."""
        self.controls.buttons[plane].setChecked(True)
        self.views.enlarge(plane)

    def go_to_side(self, side: Side) -> str:
        """Go to a side's closest place; return what to tell the reader, if anything."""
        self.side, self._contact = side, 0
        if not self.is_revealed or self._reviewed is None:
            self.views.go_to(self._before_reveal(side))
            return ""
        place = self._reviewed.find_place(side)
        if place is None:
            return f"Nothing was found on the patient's {side}."
        self.views.go_to(place)
        self.views.across.go_near(side, place)
        return ""

    def go_to(self, side: Side | None, point_mm: Point) -> None:
        """Go to a place, true RAS mm; of a side, or else of the one looked at."""
        side = self.side = self.side if side is None else side
        self.views.go_to(point_mm)
        self.views.across.go_near(side, point_mm)

    def step_contact(self, way: int) -> str:
        """Go to the next or the previous place within reach, on this side."""
        contacts = self._contacts()
        if not contacts:
            return "No place within reach on this side."
        self._contact = (self._contact + way) % len(contacts)
        self.go_to(self.side, contacts[self._contact].closest_point_nerve_mm)
        return f"Place {self._contact + 1} of {len(contacts)} within reach."

    def toggle_overlay(self) -> None:
        """Turn the overlay on or off, once it may be seen."""
        if self.controls.overlay.isEnabled():
            self.controls.overlay.toggle()

    def _contacts(self) -> tuple[Contact, ...]:
        if not self.is_revealed or self._reviewed is None:
            return ()
        return self._reviewed.report.sides[self.side].contacts

    def _show_companions(self, reviewed: Reviewed) -> None:
        """Lay the further sequences over the reference, which is on show already."""
        for layer_data in reviewed.companions:
            if self.views.find_layer(layer_data[1]["name"]) is None:
                self.views.add(layer_data)
        aligned = reviewed.result.aligned
        self.controls.setRoles((aligned.reference_role, *aligned.companions))
        self._tof(self.controls.tof.value() / 100)

    def _slid(self, side: Side, point_mm: Point) -> None:
        self.side = side
        self.views.go_to(point_mm, centre=False)

    def _before_reveal(self, side: Side) -> Point:
        """Return about where the cistern lies, true RAS mm; never a contact."""
        if self._opened is None:
            return (0.0, 0.0, 0.0)
        if self._reviewed is not None:
            marks = self._reviewed.report.sides[side].landmarks
            detachment, porus = marks.root_detachment_mm, marks.porus_mm
            if detachment is not None and porus is not None:
                x, y, z = np.mean((detachment, porus), axis=0).tolist()
                return (x, y, z)
        x, y, z = self._opened.grid.centre_mm.tolist()
        return (x + side.sign * _ANGLE_MM, y, z)

    def _volume(self, role: SequenceRole) -> Volume | None:
        if self._reviewed is not None:
            aligned = self._reviewed.result.aligned
            if role in aligned.companions:
                return aligned.companions[role].volume
        return None if self._opened is None else self._opened.reference

    def _preset(self, role: SequenceRole, preset: Preset) -> None:
        layer = self.views.find_layer(role.value.upper())
        volume = self._volume(role)
        if layer is not None and volume is not None:
            preset.fit(volume).apply_to(layer)

    def _tof(self, share: float) -> None:
        layer = self.views.find_layer(SequenceRole.TOF.value.upper())
        if layer is not None:
            layer.opacity = share
            layer.visible = share > 0

    def _overlay(self, on: bool) -> None:
        for name in OVERLAYS:
            layer = self.views.find_layer(name)
            if layer is not None:
                layer.visible = on and self.is_revealed
        self.views.redraw()
