"""The API as OpenAPI 3.1: one document per model (`cards`), and one of everything that is served (`whole`).

Each family of addresses has a module that names its paths and schemas as plain data; `whole` puts them together. To add a
family, write such a module with PATHS and SCHEMAS and name it in `whole.FAMILIES`.
"""
