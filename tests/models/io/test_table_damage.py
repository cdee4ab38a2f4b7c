"""What of a text table is skipped or replaced is counted."""

from models.io.table_chunks import Damage, pieces


def test_lines_with_too_many_cells_and_bytes_of_another_encoding_are_counted(tmp_path):
    table = tmp_path / "levels.csv"
    table.write_bytes(b"time,device,value\na,L1,1\nb,L1,2,3\nc,L\xff2,3\nd,L3,4,5,6\ne,L4,5\n")
    damage = Damage()
    found = [len(frame) for frame, _ in pieces(table, ["time", "device", "value"], encoding="utf-8", damage=damage)]
    assert sum(found) == 3
    assert (damage.lines, dict(damage.numbers)) == (2, {"3": 1, "5": 1})
    assert damage.cells == 1
