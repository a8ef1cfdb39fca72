"""Supervision of the loans that were paid out; whoever is not named is supervised as usual."""

from __future__ import annotations

from reports.demo.matters import Watch

AS_USUAL = Watch()

WATCHES = {
    "济南恒润塑业有限公司": Watch(payee="齐鲁石化销售有限公司", late=(9,)),
    "山东鼎盛粮机有限公司": Watch(payee="莱钢钢材贸易有限公司", after=1.5),
    "济南悦家生鲜超市有限公司": Watch(payee="济南冰晶冷柜有限公司", after=9.0, is_behind=True),
    "济南东方源印染有限公司": Watch(
        payee="山东魏桥坯布经营部", colours={9: "YELLOW", 10: "YELLOW"}, late=(4,)
    ),
    "孟庆林": Watch(
        payee="临沂五金城批发中心",
        colours={7: "YELLOW", 8: "YELLOW", 9: "YELLOW", 10: "YELLOW", 11: "YELLOW",
                 12: "RED", 13: "RED", 14: "RED"},
    ),
    "青岛海硕冷冻设备有限公司": Watch(
        payee="青岛东亚压缩机有限公司", colours={5: "YELLOW", 6: "RED", 7: "RED"}
    ),
    "纪文涛": Watch(
        use_check="NO", colour="YELLOW", payee="王德胜(个人)",
        measures="贷款部分转入个人账户归还民间借款,未按约定购车;已约谈借款人,限一个月内补足"
        "购车款并办理抵押登记,期间每周查询车辆登记信息。",
        colours={1: "YELLOW"},
    ),
    "烟台东润果蔬加工有限公司": Watch(payee="栖霞苹果合作社", late=(6, 12), is_behind=True),
    # Paid out a few days ago: there is time left.
    "济南恒岳建材有限公司": Watch(payee="山水水泥销售有限公司", is_draft=True),
}  # fmt: skip
