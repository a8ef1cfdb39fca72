"""Opportunities at every stage, with and without an application, and whose customers are whose."""

from __future__ import annotations

from dataclasses import dataclass

from reports.demo import names
from reports.demo.people import JINAN, QINGDAO, YANTAI

#: account managers besides the first one of their branch, with their customers
_OTHERS = {
    "zhaolei": (
        "山东华信网络技术有限公司",
        "济南瑞丰粮油贸易有限公司",
        "济南鑫海汽车服务有限公司",
        "山东博远教育设备有限公司",
        "韩立军",
        "崔玉梅",
        "山东诚达融资担保有限公司",
        "济南悦家生鲜超市有限公司",
        "孟庆林",
    ),
    "sunmeng": (
        "济南金穗种业有限公司",
        "济南泉盛商贸有限公司",
        "山东中泽环保科技有限公司",
        "济南万家乐家居有限公司",
        "任晓东",
        "济南正源会计师事务所",
        "济南东方源印染有限公司",
        "吕秀兰",
    ),
    "dingning": (
        "青岛崂山茗香茶业有限公司",
        "青岛联众仓储服务有限公司",
        "青岛嘉禾国际贸易有限公司",
        "青岛新蓝海酒店管理有限公司",
        "曲明",
        "初连生",
        "青岛海岳融咨询服务有限公司",
        "青岛海硕冷冻设备有限公司",
        "纪文涛",
    ),
}
_FIRST = {JINAN: "am", QINGDAO: "am2", YANTAI: "yuhao"}

#: met for the first time; little is known of them yet
PROSPECTS = frozenset({"莱阳丰泽农业科技有限公司", "烟台联信电子有限公司"})
#: loans from before the system that went wrong
BAD, BLACKLISTED = "初连生", "慕容芳"
ATTENTION = ("济南顺驰物流有限公司", "济南泉盛商贸有限公司")

WON, SIGNED = "won", "signed"


@dataclass(frozen=True)
class Deal:
    """An opportunity without an application.

    ``goal`` is the stage it has reached by hand (1 to 4), ``won``, ``signed`` or a reason of
    loss. ``begun`` and ``quiet`` are working hours ago: when it was opened, when something
    last happened. ``due`` is the next follow-up in days from today.
    """

    customer: str
    product: str
    amount: int
    term: int
    goal: int | str
    begun: float
    quiet: float
    due: int = 5
    tier: str = "C"


DEALS = (
    # the account manager whose login is am
    Deal("济南天桥区聚福楼餐饮有限公司", "FDJY", 800_000, 24, 4, 60, 12, 0, "A"),
    Deal("济南百盛五金机电有限公司", "LDZJ", 800_000, 12, 3, 190, 95, -6, "A"),
    Deal("济南恒岳建材有限公司", "YSZK", 1_500_000, 6, 2, 75, 30, -1, "B"),
    Deal("济南绿源生态园林有限公司", "YSZK", 2_000_000, 12, 2, 240, 130, -9, "B"),
    Deal("济南顺驰物流有限公司", "CLZY", 600_000, 12, 1, 21, 20, 0, "B"),
    Deal("刘洪波", "FDJY", 500_000, 24, 2, 46, 8, 1, "B"),
    Deal("山东康和医疗器械有限公司", "LDZJ", 1_000_000, 12, 1, 26, 5, 3, "C"),
    Deal("济南明湖印务有限公司", "YSZK", 350_000, 6, "PRICE", 420, 300, tier="C"),
    # his colleagues in Jinan
    Deal("济南瑞丰粮油贸易有限公司", "YSZK", 900_000, 6, 1, 33, 11, 0, "B"),
    Deal("崔玉梅", "XYJY", 100_000, 12, "NO_NEED", 260, 160),
    Deal("济南泉盛商贸有限公司", "YSZK", 600_000, 6, 3, 120, 26, 0, "B"),
    Deal("济南万家乐家居有限公司", "LDZJ", 500_000, 12, 2, 140, 88, -4, "A"),
    # Qingdao
    Deal("青岛东方帆服装有限公司", "LDZJ", 700_000, 12, "COMPETITOR", 520, 330),
    Deal("青岛海韵冷链有限公司", "LDZJ", 1_500_000, 12, SIGNED, 700, 70, 6, "A"),
    Deal("胶州恒达化工原料有限公司", "LDZJ", 400_000, 6, 2, 90, 22, 2, "B"),
    Deal("青岛锐捷模具有限公司", "CLZY", 260_000, 12, 1, 18, 9, 0, "B"),
    Deal("青岛恒达橡塑制品有限公司", "YSZK", 1_200_000, 6, 3, 160, 15, 1, "A"),
    Deal("青岛崂山茗香茶业有限公司", "LDZJ", 500_000, 12, WON, 980, 640),
    Deal("青岛联众仓储服务有限公司", "CLZY", 900_000, 12, 3, 330, 215, -12, "C"),
    Deal("初连生", "CLZY", 200_000, 12, WON, 1010, 760),
    # Yantai
    Deal("烟台开元精密机械有限公司", "LDZJ", 1_800_000, 12, WON, 1000, 520),
    Deal("烟台蓬海葡萄酒庄有限公司", "LDZJ", 2_600_000, 12, SIGNED, 760, 40, 4, "A"),
    Deal("烟台渤海船舶配套有限公司", "LDZJ", 3_500_000, 12, 4, 210, 18, 1, "A"),
    Deal("莱阳丰泽农业科技有限公司", "LDZJ", 300_000, 6, 1, 14, 13, 2, "C"),
    Deal("烟台联信电子有限公司", "YSZK", 500_000, 6, "UNREACHABLE", 390, 250),
    Deal("迟宝山", "FDJY", 600_000, 12, 2, 65, 17, 0, "B"),
    Deal("慕容芳", "XYJY", 120_000, 12, "NOT_QUALIFIED", 610, 470),
    Deal("栖霞福山果蔬专业合作社", "LDZJ", 250_000, 6, 2, 85, 31, -2, "B"),
    Deal("烟台开元液压销售有限公司", "YSZK", 450_000, 6, 1, 24, 10, 3, "C"),
)


def owners() -> dict[str, str]:
    """The login of each customer's account manager by the customer's name."""
    found: dict[str, str] = {}
    for branch, login in _FIRST.items():
        firms = (*names.CHANNELS[branch], *names.ENTERPRISES[branch])
        found |= dict.fromkeys((firm.name for firm in firms), login)
        found |= dict.fromkeys((name for name, _trade, _text in names.TRADERS[branch]), login)
        found |= dict.fromkeys((firm.name for firm, _of, _as in names.COMPANIES[branch]), login)
    for login, customers in _OTHERS.items():
        unknown = set(customers) - set(found)
        if unknown:
            raise LookupError(f"not in the tables of names: {sorted(unknown)}")
        found |= dict.fromkeys(customers, login)
    return found
