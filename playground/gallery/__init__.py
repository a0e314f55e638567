"""What people do with takes: favourites, collections, comparisons, shares.

One module for each: it writes what is its own and reads it; `queries` has the pages of the gallery. Jobs and takes
themselves, and the words they are found by, are the business of `jobs`; a take knows nothing of who likes it (the rejected
alternative, columns on the take, would let every heart of one person touch what everybody else reads).
"""
