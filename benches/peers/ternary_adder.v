// A sum of three on AMD's six-input LUTs, one LUT a bit, behind the ports of
// alkaid's module of that name: what a vendor's tool makes of it, and Yosys not.
//
// Each bit of the operands goes through a full adder; a carry chain adds its
// sums and the carries of the bit below. Up to two operands may be taken away:
// each is inverted, and the ones that this lacks enter at the free places of
// the lowest bit.
module ternary_adder #(
    parameter BW_INPUT0 = 32, parameter SIGNED0 = 0, parameter NEGATE0 = 0, parameter PAD0 = 0,
    parameter BW_INPUT1 = 32, parameter SIGNED1 = 0, parameter NEGATE1 = 0, parameter PAD1 = 0,
    parameter BW_INPUT2 = 32, parameter SIGNED2 = 0, parameter NEGATE2 = 0, parameter PAD2 = 0,
    parameter BW_OUT = 32, parameter DROP_LSBS = 0
) (
    input  [BW_INPUT0-1:0] in0,
    input  [BW_INPUT1-1:0] in1,
    input  [BW_INPUT2-1:0] in2,
    output [BW_OUT-1:0] out
);
  localparam WIDTH = BW_OUT + DROP_LSBS;
  localparam NEGATED = (NEGATE0 != 0) + (NEGATE1 != 0) + (NEGATE2 != 0);
  localparam MIN01 = PAD0 < PAD1 ? PAD0 : PAD1;
  localparam MAX01 = PAD0 < PAD1 ? PAD1 : PAD0;
  localparam LOWEST = PAD2 < MIN01 ? PAD2 : MIN01;
  localparam MIDDLE = PAD2 < MIN01 ? MIN01 : PAD2 < MAX01 ? PAD2 : MAX01;
  // Below the second operand the lowest one passes, unless it is taken away.
  localparam LOWEST_NEGATED = (PAD0 == LOWEST && NEGATE0 != 0) || (PAD1 == LOWEST && NEGATE1 != 0)
      || (PAD2 == LOWEST && NEGATE2 != 0);
  localparam FIRST_BIT = LOWEST_NEGATED ? LOWEST : MIDDLE;
  localparam FIRST = FIRST_BIT < WIDTH ? FIRST_BIT : WIDTH;

  wire [WIDTH+PAD0+BW_INPUT0:0] wide0 = {{WIDTH + 1{SIGNED0 != 0 && in0[BW_INPUT0-1]}}, in0} << PAD0;
  wire [WIDTH+PAD1+BW_INPUT1:0] wide1 = {{WIDTH + 1{SIGNED1 != 0 && in1[BW_INPUT1-1]}}, in1} << PAD1;
  wire [WIDTH+PAD2+BW_INPUT2:0] wide2 = {{WIDTH + 1{SIGNED2 != 0 && in2[BW_INPUT2-1]}}, in2} << PAD2;
  wire [WIDTH-1:0] a = wide0, b = wide1, c = wide2;

  localparam [7:0] NEGATES = {5'b0, NEGATE2 != 0, NEGATE1 != 0, NEGATE0 != 0};

  // The tables of sum and carry with the operands inverted as `NEGATES` says.
  function [63:0] table_of(input [7:0] negates);
    integer index;
    reg [2:0] operands;
    reg carry;
    for (index = 0; index < 32; index = index + 1) begin
      operands = index ^ negates;
      carry = (operands[0] & operands[1]) | (operands[0] & operands[2]) | (operands[1] & operands[2]);
      table_of[index] = carry;
      table_of[index + 32] = ^operands ^ ((index >> 3) & 1);
    end
  endfunction

  localparam CHAINS = (WIDTH - FIRST + 3) / 4;
  wire [4*CHAINS+FIRST+3:0] propagate, sums;
  wire [4*CHAINS+FIRST+4:0] carries;
  wire [CHAINS:0] chain;
  wire [WIDTH-1:0] total;
  assign chain[0] = NEGATED > 1;
  assign carries[FIRST] = NEGATED > 0;

  genvar bit_index, group;
  generate
    if (NEGATED > 2) begin : unsupported
      three_negated_operands_are_not_supported stop ();
    end
    for (bit_index = 0; bit_index < WIDTH; bit_index = bit_index + 1) begin : bits
      if (bit_index < FIRST) begin : wires
        assign total[bit_index] = a[bit_index] | b[bit_index] | c[bit_index];
      end else begin : adds
        LUT6_2 #(.INIT(table_of(NEGATES))) lut (
            .I0(a[bit_index]), .I1(b[bit_index]), .I2(c[bit_index]), .I3(carries[bit_index]), .I4(1'b0), .I5(1'b1),
            .O5(carries[bit_index+1]), .O6(propagate[bit_index]));
        assign total[bit_index] = sums[bit_index];
      end
    end
    for (bit_index = WIDTH; bit_index < FIRST + 4 * CHAINS; bit_index = bit_index + 1) begin : unused
      assign propagate[bit_index] = 1'b0;
      if (bit_index > WIDTH) assign carries[bit_index] = 1'b0;
    end
    for (group = 0; group < CHAINS; group = group + 1) begin : chains
      wire [3:0] carry_out;
      CARRY4 carry (
          .CYINIT(1'b0), .CI(chain[group]), .S(propagate[FIRST+4*group+:4]), .DI(carries[FIRST+4*group+:4]),
          .O(sums[FIRST+4*group+:4]), .CO(carry_out));
      assign chain[group+1] = carry_out[3];
    end
  endgenerate
  assign out = total[WIDTH-1:DROP_LSBS];
endmodule
