"""Names of companies and persons in a fixed order, as many as a benchmark needs."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator


def company_names() -> Iterator[str]:
    """Companies as a registry has them, in a fixed order; no name comes twice."""
    cities = [
        "济南",
        "青岛",
        "烟台",
        "潍坊",
        "淄博",
        "临沂",
        "威海",
        "泰安",
        "德州",
        "聊城",
        "滨州",
        "菏泽",
        "枣庄",
        "东营",
        "日照",
    ]
    first = "恒鼎瑞华盛隆泰昌兴宏嘉信永安德金鑫海天宇丰润东方诚达顺和润泽远景博文"
    second = "润达源通祥茂利业辉腾宝康成益峰岳川林泉晟"
    trades = [
        "商贸",
        "机械",
        "建材",
        "食品",
        "纺织",
        "化工",
        "物流",
        "电子",
        "农业",
        "工程",
        "石材",
        "水产",
        "汽贸",
        "包装",
    ]
    ends = ["有限公司", "有限公司", "有限公司", "股份有限公司", "经营部"]
    every = list(itertools.product(cities, first, second, trades, range(len(ends))))
    random.Random(7).shuffle(every)
    seen: set[str] = set()
    for city, one, two, trade, end in every:
        name = f"{city}{one}{two}{trade}{ends[end]}"
        if name not in seen:
            seen.add(name)
            yield name


def person_names() -> Iterator[tuple[str, str]]:
    from lending_crm.common.text import search_key

    family = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
    given = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文斌波辉宇浩然梓轩欣怡"
    made = [a + b + c for a in family for b in given for c in given]
    random.Random(7).shuffle(made)
    return itertools.cycle([(name, search_key(name).partition(" ")[2]) for name in made])
