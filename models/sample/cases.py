"""Case records (案件) of the sample city: what residents, inspectors and sensors reported, and how far it got."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from models.sample.city import CRS, City

ACCEPTED, SENT, IN_WORK, CLOSED = "受理", "派遣", "处理中", "核查结案"
_STATES = (ACCEPTED, SENT, IN_WORK, CLOSED)

#: What is reported of an ordinary component: class, state of the component (or any), description, source.
_ORDINARY = (
    ("0104", "破损", "雨水箅子断裂，存在绊倒风险", "监督员上报"),
    ("0118", "破损", "路灯不亮，夜间通行困难", "12345 热线"),
    ("0118", "破损", "路灯灯罩脱落", "公众号上报"),
    ("0305", "破损", "垃圾箱破损倾倒", "监督员上报"),
    ("0402", "", "行道树枝条遮挡信号灯，需修剪", "12345 热线"),
    ("0402", "丢失", "行道树缺株，树池积水", "监督员上报"),
    ("0209", "", "交通标志牌被树木遮挡", "公众号上报"),
    ("0113", "占用", "消火栓被机动车占压", "监督员上报"),
    ("0101", "占用", "上水井盖被建筑垃圾埋压", "12345 热线"),
    ("0105", "破损", "电力井盖破损，井室外露", "监督员上报"),
    ("0107", "移位", "通讯井盖移位，非机动车经过易摔倒", "视频抓拍"),
    ("0211", "", "交通护栏倾斜", "视频抓拍"),
    ("0407", "破损", "坐椅木条断裂", "公众号上报"),
    ("0604", "", "滨河护栏松动", "监督员上报"),
    ("0501", "", "宣传栏玻璃破碎", "12345 热线"),
)
#: What is reported of planted problems: id, which of its codes, description, source, state.
_PLANTED = (
    ("covers_crushed", 0, "雨水井盖碎裂下沉超过 2 厘米，重型车辆频繁碾压", "监督员上报", IN_WORK),
    ("covers_crushed", 3, "同路段多处雨水井盖破损，建议整治", "12345 热线", SENT),
    ("covers_lost", 0, "车行道井盖缺失，已临时围挡", "12345 热线", IN_WORK),
    ("covers_lost", 1, "井盖丢失，危及行车安全", "传感器报警", SENT),
    ("covers_moved", 0, "井盖整体移位，影响安全通行", "传感器报警", CLOSED),
    ("covers_moved", 1, "井盖移位，经过车辆异响", "监督员上报", ACCEPTED),
    ("trees_lost", 0, "连续缺株，需秋季补植", "监督员上报", SENT),
    ("manholes_overflow", 0, "暴雨时检查井冒水，道路积水约 20 厘米", "传感器报警", CLOSED),
    ("manholes_overflow", 1, "路口积水，非机动车无法通行", "12345 热线", CLOSED),
    ("lamps_dark", 0, "智慧灯杆夜间无功率", "传感器报警", IN_WORK),
)


def make(city: City, components: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``cases``.

    Parameters
    ----------
    city : City
        Its ``planted`` problems, so far, are what some of the cases are about.
    components : GeoDataFrame
    """
    rng = city.rng("cases")
    table = components.set_index("ObjID")
    planted = {problem["id"]: problem.get("components", problem["codes"]) for problem in city.planted}
    reports: list[tuple[str, str, str, str]] = []
    for name, which, text, source, state in _PLANTED:
        codes = planted.get(name, [])
        if which < len(codes) and codes[which] in table.index:
            reports.append((codes[which], text, source, state))
    used = {code for code, *_ in reports}
    class_code = table.index.str[6:10]
    for wanted, condition, text, source in _ORDINARY:
        fits = class_code == wanted
        if condition:
            fits &= (table["ObjState"] == condition).to_numpy()
        choice = [code for code in table.index[fits] if code not in used]
        if choice:
            code = str(choice[int(rng.integers(len(choice)))])
            used.add(code)
            reports.append((code, text, source, str(rng.choice(np.asarray(_STATES), p=[0.15, 0.2, 0.25, 0.4]))))
    first = np.datetime64("2025-07-02T08:00")
    rows: list[dict[str, Any]] = []
    minutes = np.sort(rng.integers(0, 29 * 24 * 60, len(reports)))
    order = rng.permutation(len(reports))
    numbers: dict[str, int] = {}
    storm = np.datetime64("2025-07-18T19:10")
    for place, minute in zip(order, minutes, strict=True):
        code, text, source, state = reports[place]
        reported = (
            storm + np.timedelta64(int(minute) % 90, "m") if "暴雨" in text or "积水约" in text else first + minute
        )
        hours = int(rng.integers(5, 96))
        closed = reported + np.timedelta64(hours, "h") if state == CLOSED else None
        rows.append({
            "reported": reported, "eventDesc": f"{table.at[code, 'LocateDSC']}：{text}", "eventSrc": source,
            "class_code": code[6:10], "component": code, "state": state, "reported_at": f"{reported}:00+08:00",
            "closed_at": f"{closed}:00+08:00" if closed is not None else None,
            "address": f"示例区{table.at[code, 'LocateDSC']}", "geometry": table.at[code, "geometry"],
        })  # fmt: skip
    rows.sort(key=lambda row: (row["reported"], row["component"]))
    for row in rows:
        day = str(row.pop("reported"))[:10].replace("-", "")
        numbers[day] = numbers.get(day, 0) + 1
        row["taskNum"] = f"{day}{numbers[day]:04d}"
    frame = pd.DataFrame(rows)[
        ["taskNum", "eventDesc", "eventSrc", "class_code", "component", "state", "reported_at", "closed_at", "address",
         "geometry"]
    ]  # fmt: skip
    cases = gpd.GeoDataFrame(frame, geometry=np.asarray(shapely.from_wkb(shapely.to_wkb(frame["geometry"]))), crs=CRS)
    cases.index = pd.RangeIndex(1, len(cases) + 1, name="fid")
    return cases
