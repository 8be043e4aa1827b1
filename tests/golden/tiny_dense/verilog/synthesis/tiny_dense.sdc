# Timing of tiny_dense, in nanoseconds.
set_max_delay 2.500 -from [all_inputs] -to [all_outputs]
