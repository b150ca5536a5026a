"""CN VII and CN VIII followed as a pair between canal and brainstem.

In come `Surroundings` and the seeds of one side; out goes `Followed`: both nerves, the
landmarks on them, and why not where there are none. Open `side` first (`follow_side`),
then `pair`: what speaks for a nerve (`evidence`), the best two paths (`pair_paths`),
fitted sections (`sections`), where CN VII is seen (`seen`), both nerves as one band
(`one_band`).
"""
