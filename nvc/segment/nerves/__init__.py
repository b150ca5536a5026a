"""CN VII and CN VIII followed as a pair between canal and brainstem.

In come `Surroundings` and the seeds of one side; out goes `Followed`: both nerves, the
landmarks on them, and why not where there are none. Open `side` first (`follow_side`),
then `pair`: paths (`pair_paths`), fitted sections (`sections`), a lost course regained
(`regain`), both nerves as one band (`one_band`).
"""
