"""The values that flow between the stages; none of them knows a file.

Open `stages` first (what one stage hands to the next), then `findings` (what is
measured and reported) and `study` (what was read). `grid` ties voxels to places,
`frame` carries values between RAS mm and the working frame, and `space` says which
fields that moves.
"""
