"""What stands for SageMaker: its requests, states and answers, with processes of this machine in
the place of instances.
"""
