"""Upstream adapters: plain values in, plain values out, no tables.

The one entry point is `base.Provider`; `build(name, config)` makes an adapter. The sandbox is an adapter like the
others, so that everything around it is exercised without a key; a special path for tests was rejected because it
would prove only itself.
"""
