"""The batch labs: jobs that run on this machine, each a folder whose README opens with the
question it answers.
"""
