"""An image of one's own for SageMaker: everything that goes into it is in this folder."""
