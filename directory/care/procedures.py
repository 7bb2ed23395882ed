"""The codes under which the treatment is billed, described in our own words."""

MIGRAINE_INJECTION = "64615"  # CPT: chemodenervation of muscles for chronic migraine
ONABOTULINUMTOXINA = "J0585"  # HCPCS: the product, by the unit
