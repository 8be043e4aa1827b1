# Builds tiny_dense out of context with Quartus and reports area and timing.
#
#   quartus_sh -t quartus_ooc.tcl
package require ::quartus::project
package require ::quartus::flow

set here [file dirname [file normalize [info script]]]
set top  tiny_dense

project_new $top -overwrite
set_global_assignment -name FAMILY "Cyclone V"
set_global_assignment -name DEVICE 5CGXFC7C7F23C8
set_global_assignment -name TOP_LEVEL_ENTITY $top
foreach source [lsort [glob -directory [file join $here .. rtl] *.v]] {
  set_global_assignment -name VERILOG_FILE $source
}
set_global_assignment -name SDC_FILE $here/$top.sdc

# No pins: the core has more ports than a package, and will stand inside a larger design.
set_instance_assignment -name VIRTUAL_PIN ON -to *

execute_flow -compile
project_close
