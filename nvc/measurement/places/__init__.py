"""Places along CN VII, and what lies beside them.

In come tubes, landmarks and the brain's mask; out go values: `NerveCourse`,
`NerveSection`, `Approach`, `LocalCourse`, `BrainPlane`, and `SideContext`, which
carries them to every other room. Open `approaches` first: it finds the places that
all else is measured at.
"""
