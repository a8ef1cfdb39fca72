"""Intermediary applications, by how far they have come."""

from __future__ import annotations

from reports.demo.names import FUNDERS
from reports.demo.people import JINAN, QINGDAO
from reports.demo.steps import Mediation, back, claimed, no, ok

_JINAN_BANK, _QINGDAO_BANK = FUNDERS[JINAN].name, FUNDERS[QINGDAO].name
_APPRAISAL = ("APPRAISAL", "山东中评房地产资产评估有限公司", 2800)
_REGISTRATION = ("REGISTRATION", "市不动产登记中心", 550)
_INSURANCE = ("INSURANCE", "泰和财产保险股份有限公司", 3600)

MEDIATIONS = (
    Mediation(
        "济南百盛五金机电有限公司", _JINAN_BANK, 900_000, 12, "4.8", "1.5", "JJ-2026-0107",
        (_APPRAISAL, _REGISTRATION),
        (*ok("tl", "brm", "bgm"), claimed("fin"), *ok("fin", text="费用项目已核对,同意。")),
        days=70, life=("collect", "pay", "funding", "fee", "settle"),
    ),
    Mediation(
        "济南顺驰物流有限公司", _JINAN_BANK, 1_200_000, 24, "5.2", "1.2", "JJ-2026-0121",
        (_APPRAISAL, _INSURANCE),
        (*ok("tl", "brm", "bgm"), claimed("fin"), *ok("fin", text="代收代缴费用单无误,同意。")),
        days=30, life=("funding", "collect"),
    ),
    Mediation(
        "济南恒岳建材有限公司", _JINAN_BANK, 3_600_000, 12, "4.6", "1", "JJ-2026-0133",
        (_APPRAISAL, _REGISTRATION),
        (*ok("tl", "brm", "bgm"), claimed("songyaqin"), *ok("songyaqin")),
        idle=3.0,
    ),
    Mediation(
        "青岛东方帆服装有限公司", _QINGDAO_BANK, 700_000, 12, "5", "1.8", "JJ-2026-0118",
        (_REGISTRATION,),
        (*ok("tl", "brm", "bgm"), claimed("fin"), *ok("fin", text="费用单已核对,同意。")),
        days=25, life=("terminate",),
    ),
    Mediation(
        "青岛锐捷模具有限公司", _QINGDAO_BANK, 500_000, 12, "5.4", "1.5", "JJ-2026-0140",
        (_APPRAISAL,),
        (*ok("tl"), back("brm", "请补充资金方授信批复及费用收取依据。", hours=3.0)),
        idle=6.0,
    ),
    Mediation(
        "胶州恒达化工原料有限公司", _QINGDAO_BANK, 800_000, 12, "5.6", "2", "JJ-2026-0129",
        (_APPRAISAL, _INSURANCE),
        (*ok("tl"), no("brm", "客户近期新增两笔网络借款,资金方准入条件不满足,不同意。")),
        days=18,
    ),
    Mediation(
        "刘洪波", _JINAN_BANK, 400_000, 36, "5.8", "1.5", "JJ-2026-0146",
        (_REGISTRATION,),
        idle=4.0, is_draft=True,
    ),
)  # fmt: skip
