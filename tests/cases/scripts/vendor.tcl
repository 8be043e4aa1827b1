# Stands in for a vendor's tool: `tclsh vendor.tcl vivado|quartus SCRIPT`.
#
# Each command of the vendor that a build script uses is declared with its
# options, those with a value marked by `=`. It prints its call. Any other
# command or option is an error, as is a file that is not there.

proc command {name options body} {
  proc $name {args} [string cat {
    set options } [list $options] {
    set values {}
    for {set index 0} {$index < [llength $args]} {incr index} {
      set word [lindex $args $index]
      if {[string index $word 0] ne "-"} {
        lappend values $word
      } elseif {"$word=" in $options} {
        set given($word) [lindex $args [incr index]]
        if {$index >= [llength $args]} { error "$word has no value" }
      } elseif {$word in $options} {
        set given($word) 1
      } else {
        error "[lindex [info level 0] 0] has no option $word"
      }
    }
    puts [join [info level 0]]
  } $body]
}

proc readable {files} {
  foreach file $files {
    if {![file readable $file]} { error "no file $file" }
  }
}

proc member {value values} {
  if {$value ni $values} { error "$value is none of $values" }
}

# Constraints, the same in both tools.
command create_clock {-name= -period=} { set values }
command set_max_delay {-from= -to=} { set values }
command get_ports {} { set values }
command all_inputs {} { return inputs }
command all_outputs {} { return outputs }

lassign $argv tool script
switch $tool {
  vivado {
    command create_project {-in_memory -part=} {}
    # Takes a list of files as one argument.
    command read_verilog {} { readable [lindex $values 0] }
    command read_xdc {-mode=} {
      member $given(-mode) {out_of_context default}
      source [lindex $values 0]
    }
    command synth_design {-top= -part= -mode=} {
      member $given(-mode) {out_of_context default}
    }
    command opt_design {} {}
    command place_design {} {}
    command phys_opt_design {} {}
    command route_design {} {}
    command report_utilization {-hierarchical -file=} {}
    command report_timing_summary {-file=} {}
    command write_checkpoint {-force} {}
  }
  quartus {
    package provide ::quartus::project 1.0
    package provide ::quartus::flow 1.0
    command project_new {-overwrite} {}
    command set_global_assignment {-name=} {
      set value [lindex $values 0]
      switch $given(-name) {
        FAMILY - DEVICE - TOP_LEVEL_ENTITY {}
        VERILOG_FILE { readable [list $value] }
        SDC_FILE { source $value }
        default { error "no assignment $given(-name)" }
      }
    }
    command set_instance_assignment {-name= -to=} { member $given(-name) VIRTUAL_PIN }
    command execute_flow {-compile} {}
    command project_close {} {}
  }
  default { error "no tool $tool" }
}
source $script
