// Maps each adder to an arithmetic unit of its own before synthesis.
//
// Left alone, Yosys merges trees of adders into carry-save compressors, which
// take several times as many LUTs as the carry chains of an FPGA.
(* techmap_celltype = "$add $sub" *)
module add_to_alu (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  parameter _TECHMAP_CELLTYPE_ = "";

  input  [A_WIDTH-1:0] A;
  input  [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam [0:0] SUBTRACT = _TECHMAP_CELLTYPE_ == "$sub";

  wire [Y_WIDTH-1:0] X;
  wire [Y_WIDTH-1:0] CO;

  \$alu #(
    .A_SIGNED(A_SIGNED),
    .B_SIGNED(B_SIGNED),
    .A_WIDTH(A_WIDTH),
    .B_WIDTH(B_WIDTH),
    .Y_WIDTH(Y_WIDTH)
  ) _TECHMAP_REPLACE_ (
    .A(A),
    .B(B),
    .BI(SUBTRACT),
    .CI(SUBTRACT),
    .X(X),
    .Y(Y),
    .CO(CO)
  );
endmodule
