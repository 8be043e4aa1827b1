# Timing of tiny_pipeline, in nanoseconds.
create_clock -name clock -period 2.500 [get_ports clock]
