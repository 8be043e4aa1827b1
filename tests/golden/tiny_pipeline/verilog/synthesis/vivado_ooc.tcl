# Builds tiny_pipeline out of context with Vivado and reports area and timing.
#
#   vivado -mode batch -source vivado_ooc.tcl
set here [file dirname [file normalize [info script]]]
set top  tiny_pipeline
set part xcvu13p-flga2577-2-e

create_project -in_memory -part $part
read_verilog [lsort [glob -directory [file join $here .. rtl] *.v]]
read_xdc -mode out_of_context $here/$top.xdc

synth_design -top $top -part $part -mode out_of_context
report_utilization -hierarchical -file $here/utilization_synthesis.rpt

opt_design
place_design
phys_opt_design
route_design

report_utilization -hierarchical -file $here/utilization.rpt
report_timing_summary -file $here/timing.rpt
write_checkpoint -force $here/$top.dcp
