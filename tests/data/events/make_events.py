"""Writes the small Parquet, HDF5 and ROOT files that tests read.

    pip install numpy pyarrow h5py uproot awkward ROOT
    python3 make_events.py

Every file holds the same 40 jets: `run` and `event` (integers), `pt` and `mass` (floats), `x` (four
floats for each event), `tagged` (boolean), `kind` (a word, where the format has words).
"""

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import uproot

COUNT = 40
EVENT = np.arange(COUNT)
JETS = {
    "run": np.full(COUNT, 4_000_000_000, "u4"),
    "event": EVENT.astype("i8") - 3,
    "pt": (EVENT * 1.5 + 20).astype("f4"),
    "mass": np.sqrt(EVENT + 0.5),
    "x": np.arange(COUNT * 4, dtype="f4").reshape(COUNT, 4) / 8 - 5,
    "tagged": EVENT % 3 == 0,
}
KIND = [["q", "g", "t"][event % 3] for event in EVENT]


def parquet():
    columns = {name: pa.array(values) for name, values in JETS.items() if name != "x"}
    columns["x"] = pa.array([list(row) for row in JETS["x"]], pa.list_(pa.float32()))
    columns["kind"] = pa.array(KIND)
    columns["half"] = pa.array(JETS["pt"].astype("f2"))
    table = pa.table(columns)
    for compression in ["none", "snappy", "gzip", "zstd", "lz4"]:
        pq.write_table(table, f"jets_{compression}.parquet", compression=compression, row_group_size=16)
    mass = [None if event == 21 else float(value) for event, value in enumerate(JETS["mass"])]
    jagged = [[1.0] * (event % 3) for event in EVENT]
    holes = [[1.0, None if event == 5 else 2.0] for event in EVENT]
    odd = {
        "mass": pa.array(mass),
        "jagged": pa.array(jagged),
        "holes": pa.array(holes),
        "nested": pa.array([[[1.0]]] * COUNT),
        "time": pa.array(EVENT, pa.timestamp("ms")),
        "words": pa.array([["a"]] * COUNT),
        "jet": pa.array([{"pt": float(event)} for event in EVENT]),
    }
    pq.write_table(pa.table(odd), "odd.parquet", row_group_size=16)


def hdf5():
    with h5py.File("jets.h5", "w") as file:
        group = file.create_group("jets")
        for name, values in JETS.items():
            group.create_dataset(name, data=values, chunks=(16, *values.shape[1:]), compression="gzip", shuffle=True)
        group.create_dataset("kind", data=KIND)
        group.create_dataset("big_endian", data=JETS["pt"].astype(">f4"))
        group.create_dataset("letters", data=np.array(KIND, "S1"))
    records = np.zeros(COUNT, [("pt", "f4"), ("x", "f4", (4,)), ("tagged", "?"), ("kind", "S1"), ("half", "f2")])
    records["pt"], records["x"], records["tagged"] = JETS["pt"], JETS["x"], JETS["tagged"]
    records["kind"], records["half"] = KIND, JETS["pt"]
    with h5py.File("records.h5", "w") as file:
        file.create_dataset("jets", data=records, chunks=(16,), compression="gzip")
    with h5py.File("odd.h5", "w") as file:
        file.create_dataset("scalar", data=3.0)
        jagged = file.create_dataset("jagged", (3,), h5py.vlen_dtype("f4"))
        for event in range(3):
            jagged[event] = [1.0] * event
        file.create_dataset("short", data=np.arange(3.0))
        file.create_dataset("long", data=np.arange(4.0))


def root():
    import awkward as ak

    methods = {"zlib": uproot.ZLIB(6), "lz4": uproot.LZ4(4), "zstd": uproot.ZSTD(5), "lzma": uproot.LZMA(6), "none": None}
    types = {name: (values.dtype, values.shape[1:]) if values.ndim > 1 else values.dtype for name, values in JETS.items()}
    for method, compression in methods.items():
        with uproot.recreate(f"jets_{method}.root", compression=compression) as file:
            file.mktree("jets", types)
            for begin in range(0, COUNT, 16):
                file["jets"].extend({name: values[begin : begin + 16] for name, values in JETS.items()})
    numbers = {f"{kind}{bits}": (EVENT * (2 ** (bits - 7)) - (0 if kind == "u" else 3)).astype(f"{kind}{bits // 8}")
               for kind in "iu" for bits in [8, 16, 32, 64]}
    with uproot.recreate("odd.root", compression=uproot.ZLIB(6)) as file:
        file.mktree("inner/deep/numbers", {name: values.dtype for name, values in numbers.items()})
        file["inner/deep/numbers"].extend(numbers)
        jagged = ak.Array([[1.0] * (event % 3) for event in EVENT])
        file.mktree("lists", {"jagged": jagged.type.content, "pt": "f4"})
        file["lists"].extend({"jagged": jagged, "pt": JETS["pt"]})
        file.mktree("big", {"x": ("f8", (3, 2))})
        file["big"].extend({"x": np.arange(COUNT * 6.0).reshape(COUNT, 3, 2)})
        file.mkrntuple("ntuple", {"pt": JETS["pt"]})


def by_root():
    """What ROOT itself writes: other versions, leaf lists, an n-tuple, several cycles and baskets."""
    import ROOT

    file = ROOT.TFile("by_root.root", "RECREATE", "", 505)
    file.mkdir("dir").cd()
    tree = ROOT.TTree("tree", "jets")
    pt, x, xy = np.zeros(1, "f4"), np.zeros(4, "f4"), np.zeros((3, 2), "f8")
    flag, count = np.zeros(1, "?"), np.zeros(1, "u4")
    pair = np.zeros(1, [("p", "f4"), ("q", "i4")])
    vector = ROOT.std.vector("float")()
    jagged = np.zeros(8, "f4")
    tree.Branch("pt", pt, "pt/F", 256)
    tree.Branch("x", x, "x[4]/F", 256)
    tree.Branch("xy", xy, "xy[3][2]/D")
    tree.Branch("flag", flag, "flag/O")
    tree.Branch("count", count, "count/i")
    tree.Branch("pair", pair, "p/F:q/I")
    tree.Branch("vector", vector)
    tree.Branch("jagged", jagged, "jagged[count]/F")
    for event in range(COUNT):
        pt[0], x[:], xy[:] = JETS["pt"][event], JETS["x"][event], event
        flag[0], count[0] = event % 3 == 0, event % 3
        pair[0] = (event / 2, -event)
        tree.Fill()
        if event == 20:
            tree.Write()
    tree.Write()
    file.cd()
    ntuple = ROOT.TNtuple("ntuple", "", "a:b")
    for event in range(COUNT):
        ntuple.Fill(event, event / 4)
    ntuple.Write()
    file.Close()


parquet()
hdf5()
root()
by_root()
