"""The demo: a lender with half a year of business, made by the services as people would.

Nothing here writes a row by itself, so numbers, history, hashes and change logs are real.
The texts are Chinese because they are content, not messages of the product.
"""
