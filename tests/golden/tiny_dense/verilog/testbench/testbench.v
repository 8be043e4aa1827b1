// Drives tiny_dense with one event each clock cycle and checks what comes out.
//
//   iverilog -g2001 -o testbench.vvp testbench.v ../rtl/*.v
//   vvp testbench.vvp +stimulus=FILE [+expected=FILE] [+outputs=FILE]
//
// A file holds one event on each line, as the hexadecimal digits of all input
// (or output) ports side by side, the first port in the lowest bits.
module testbench;

  localparam LATENCY = 0;

  reg  clock;
  reg  [17:0] stimulus;
  reg  [9:0] expected;
  reg  [9:0] got;
  wire [9:0] output_0;

  tiny_dense design_under_test (
    .x(stimulus[17:0]),
    .y(output_0)
  );

  reg [8*1024-1:0] path;
  integer stimulus_file, expected_file, outputs_file;
  integer cycle, events, sampled, mismatches;
  reg more;

  initial begin
    if (!$value$plusargs("stimulus=%s", path)) path = "vectors/stimulus.hex";
    stimulus_file = $fopen(path, "r");
    expected_file = 0;
    if ($value$plusargs("expected=%s", path)) expected_file = $fopen(path, "r");
    outputs_file = 0;
    if ($value$plusargs("outputs=%s", path)) outputs_file = $fopen(path, "w");

    clock = 1'b0;
    cycle = 0;
    events = 0;
    sampled = 0;
    mismatches = 0;
    more = stimulus_file != 0;
    if (!more) $display("error: cannot read the stimulus");
    while (more || sampled < events) begin
      if (more) more = $fscanf(stimulus_file, "%h", stimulus) == 1;
      if (cycle == events && more) events = events + 1;
      #1;
      // Just before the rising edge, the outputs belong to the event of LATENCY cycles ago.
      if (cycle >= LATENCY && sampled < events) begin
        got = {
          output_0
        };
        if (outputs_file != 0) $fdisplay(outputs_file, "%h", got);
        if (expected_file != 0) begin
          if ($fscanf(expected_file, "%h", expected) != 1) expected = 10'bx;
          if (got !== expected) begin
            mismatches = mismatches + 1;
            report;
          end
        end
        sampled = sampled + 1;
      end
      clock = 1'b1;
      #1;
      clock = 1'b0;
      cycle = cycle + 1;
    end
    if (outputs_file != 0) $fclose(outputs_file);
    $display("%0d events, %0d different", events, mismatches);
`ifdef __ICARUS__
    if (mismatches != 0 || events == 0) $finish_and_return(1);
`endif
    $finish;
  end

  task report;
    begin
      if (got[4:0] !== expected[4:0])
        $display("mismatch: event %0d, y[0]: expected %0d, got %0d", sampled,
                 $unsigned(expected[4:0]), $unsigned(got[4:0]));
      if (got[9:5] !== expected[9:5])
        $display("mismatch: event %0d, y[1]: expected %0d, got %0d", sampled,
                 $unsigned(expected[9:5]), $unsigned(got[9:5]));
    end
  endtask

endmodule
