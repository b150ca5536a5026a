"""Follow nerves and vessels.

In come `Aligned` and `Regions`, in mm of the working frame; out goes `Segmentation`:
nerves and vessels as tubes, the brainstem as a mask. Open `stage` first. The rooms,
from below: `image` (scale, brain, planes) and `arteries` (of the angiography); `root`
(where CN VII leaves the brain) and `dark` (vessels without flow signal); `nerves` (CN
VII and VIII) and `labels` (painted, read, redone); `together` (both in turns).
"""
