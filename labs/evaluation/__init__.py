"""How good a model's answers are: counted, ranked, with intervals, and drawn. What the labs on
machine learning share.
"""
