"""Stored files, and everything that touches media bytes which somebody else made.

The one entry point for writing is `services.store_result`, for reading `serving.range_response`, for links
`signing.signed_url`. Foreign bytes are opened only in a child process with limits (`limited.run_limited`), with the
demuxer forced from the magic bytes. Opening them in the worker itself was rejected: a decoder bug or a picture of
100,000 x 100,000 pixels would then take the leases of every other job with it.
"""
