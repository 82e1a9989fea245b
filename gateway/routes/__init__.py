"""The table of everything the gateway answers over HTTP below ``/api/{town}``.

`table` puts the rows of all parts together, and makes routes and documents of them; each other
module has the rows of one part. A row says who may ask, what is sent and what comes back.
"""
