"""What is shown and how: planes, window, TOF, slab and overlay; always in reach."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from napari_nvc.shown.layers import PLANES
from napari_nvc.shown.plane_image import Slab
from napari_nvc.shown.windows import PRESETS, Preset
from nvc.model.study import SequenceRole

_SLABS = {"max": "MIP", "min": "minIP", "mean": "mean"}
_THICKEST_MM = 20.0


class ViewControls(QWidget):
    """Emits what a reader asks of the views."""

    planeChosen = Signal(str)
    presetChosen = Signal(object, object)
    tofChanged = Signal(float)
    slabChanged = Signal(object)
    overlayToggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.planes = QButtonGroup(self)
        self.buttons = {plane: QPushButton(plane.capitalize()) for plane in PLANES}
        self.preset = QComboBox()
        self.tof = QSlider(Qt.Orientation.Horizontal)
        self.slab_mm = QDoubleSpinBox()
        self.slab_mode = QComboBox()
        self.overlay = QCheckBox("Overlay")
        self._presets: list[tuple[SequenceRole, Preset]] = []
        self._build()
        self.setRoles(())

    def setRoles(self, roles: tuple[SequenceRole, ...]) -> None:
        """Offer the presets of the sequences on show."""
        self._presets = [(r, p) for r in roles for p in PRESETS.get(r, ())]
        self.preset.blockSignals(True)
        self.preset.clear()
        self.preset.addItems([preset.title for _, preset in self._presets])
        self.preset.blockSignals(False)
        self.tof.setEnabled(SequenceRole.TOF in roles)

    def setOverlayAllowed(self, allowed: bool) -> None:
        """Lock the overlay until the findings may be seen."""
        self.overlay.setEnabled(allowed)
        self.overlay.setChecked(allowed)

    def _build(self) -> None:
        top, middle, low = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for number, (plane, button) in enumerate(self.buttons.items(), start=1):
            button.setCheckable(True)
            button.setChecked(plane == "axial")
            button.setToolTip(f"Show the {plane} plane in the large view ({number})")
            button.clicked.connect(lambda _=False, p=plane: self.planeChosen.emit(p))
            self.planes.addButton(button)
            top.addWidget(button)
        self.overlay.setToolTip("Outlines, landmarks and closest points on or off (O)")
        self.overlay.toggled.connect(self.overlayToggled)
        top.addWidget(self.overlay)
        self.preset.setToolTip("Grey window; or drag with the right mouse button")
        self.preset.activated.connect(self._choose)
        self.tof.setRange(0, 100)
        self.tof.setToolTip("How strongly the TOF is laid over the reference, in red")
        self.tof.valueChanged.connect(lambda v: self.tofChanged.emit(v / 100))
        self.slab_mm.setRange(0.0, _THICKEST_MM)
        self.slab_mm.setSingleStep(0.5)
        self.slab_mm.setDecimals(1)
        self.slab_mm.setMinimumWidth(110)
        self.slab_mm.setSuffix(" mm")
        self.slab_mm.setToolTip("Thickness of the slab; 0: one slice")
        self.slab_mode.addItems(list(_SLABS.values()))
        self.slab_mode.setToolTip("What a slab shows: brightest, darkest or mean")
        self.slab_mm.valueChanged.connect(lambda _: self._change_slab())
        self.slab_mode.currentIndexChanged.connect(lambda _: self._change_slab())
        for widget in (QLabel("Window"), self.preset):
            middle.addWidget(widget)
        for one in (QLabel("Slab"), self.slab_mm, self.slab_mode):
            low.addWidget(one)
        middle.setStretch(1, 1)
        low.addWidget(QLabel("TOF"))
        low.addWidget(self.tof, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for row in (top, middle, low):
            layout.addLayout(row)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._presets):
            self.presetChosen.emit(*self._presets[index])

    def _change_slab(self) -> None:
        mode = list(_SLABS)[self.slab_mode.currentIndex()]
        thickness = float(self.slab_mm.value())
        self.slabChanged.emit(Slab(thickness_mm=thickness, mode=mode))
