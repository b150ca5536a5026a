"""The reference as nerves are followed in it: tissue scale, brain, planes."""
