"""A few municipal components with known codes and states."""

import pandas as pd

from models.facilities.coding.editions import editions

#: Edition of the codes below.
EDITION = editions()["cjt214_2007"]


def components() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ObjID": ["3701020101000001", "3701020103000002", "3701020104000003", "3701020118000004", "37010299", None],
            "ObjState": ["完好", "破损", "丢失", None, "奇怪", "完好"],
        },
        index=[1, 2, 3, 4, 5, 6],
    )
