"""Applications of the past year that were paid out, and how their loans went."""

from __future__ import annotations

from reports.demo.steps import (
    CARS,
    PERSON,
    PLANT,
    RECEIVABLES,
    Lending,
    Plan,
    Prolonging,
    Step,
    claimed,
    concluded,
    convened,
    ok,
)

#: up to half a million the branch decides, above it head-office risk control
_BRANCH: tuple[Step, ...] = ok("tl", "brm", "bgm")
_HEAD_OFFICE: tuple[Step, ...] = (*ok("tl", "brm", "bgm"), claimed("hrm"), *ok("hrm"))

LENT = (
    Plan(
        "济南恒润塑业有限公司", "LDZJ", 2_000_000, 12, "10.8",
        "采购聚乙烯原料", (PLANT, PERSON), _HEAD_OFFICE,
        days=330, fee="0.5", lending=Lending(),
    ),
    Plan(
        "山东鼎盛粮机有限公司", "LDZJ", 3_600_000, 12, "10.2",
        "采购钢板、电机,执行整线订单", (PLANT, RECEIVABLES),
        (
            *_HEAD_OFFICE,
            convened("rc1", "rc2", "rc3", "rc4"),
            *ok("rc1", "rc2", "rc3", "rc4", "rcc"),
            concluded("到会五人,一致同意。"),
        ),
        days=265, fee="0.3", lending=Lending(parts=(2_000_000, 1_600_000)),
    ),
    Plan(
        "济南舜景石材有限公司", "LDZJ", 480_000, 6, "12",
        "采购花岗岩荒料", (PERSON,), _BRANCH,
        days=300, lending=Lending(),
    ),
    Plan(
        "济南悦家生鲜超市有限公司", "XYJY", 300_000, 12, "15",
        "门店装修及冷柜购置", (PERSON,), _BRANCH,
        days=240, method="EQUAL_INSTALLMENT", lending=Lending(late_days=4),
    ),
    Plan(
        "济南东方源印染有限公司", "LDZJ", 1_200_000, 6, "11.4",
        "采购坯布及染料", (PLANT,), _HEAD_OFFICE,
        days=200, fee="0.8",
        lending=Lending(
            prolonged=Prolonging(
                20, ("tl", "brm", "bgm", "hrm"), months=3,
                reason="下游服装厂账期由三十天延长至九十天,回款顺延,申请展期三个月。",
                plan="按月付息,展期到期一次还本;应收账款回款专户监管。",
            ),
        ),
    ),
    Plan(
        "孟庆林", "CLZY", 200_000, 12, "15.6",
        "五金备货", (CARS,), _BRANCH,
        days=240, lending=Lending(pays=2),
    ),
    Plan(
        "吕秀兰", "XYJY", 120_000, 12, "15.6",
        "购置和面机及面粉备货", (PERSON,), _BRANCH,
        days=180, method="EQUAL_INSTALLMENT", lending=Lending(settles=4),
    ),
    Plan(
        "青岛润泽包装有限公司", "LDZJ", 1_500_000, 12, "10.8",
        "采购瓦楞原纸", (PLANT,), _HEAD_OFFICE,
        days=150, fee="0.5", lending=Lending(),
    ),
    Plan(
        "青岛海硕冷冻设备有限公司", "YSZK", 800_000, 6, "10.8",
        "采购压缩机及板材", (RECEIVABLES,), _HEAD_OFFICE,
        days=125,
        lending=Lending(
            pays=2,
            prolonged=Prolonging(
                0, ("tl", "brm"), reason="主要客户验收推迟,暂无法支付当月利息。",
                plan="每周电话跟踪回款,月底前付清欠息;追加设备抵押。",
                log=(("PHONE", "承诺十日内付清"), ("VISIT", "现场核实在制品,验收单月底出具")),
            ),
        ),
    ),
    Plan(
        "纪文涛", "CLZY", 260_000, 12, "15.6",
        "购置冷藏车一台", (CARS,), _BRANCH,
        days=110, lending=Lending(late_days=2),
    ),
    Plan(
        "烟台东润果蔬加工有限公司", "LDZJ", 900_000, 12, "11.4",
        "果蔬收购", (PLANT, PERSON), _HEAD_OFFICE,
        days=270, fee="0.8", lending=Lending(late_days=3),
    ),
    Plan(
        "烟台昆仑铸钢有限公司", "LDZJ", 700_000, 6, "11.4",
        "采购废钢及合金", (PLANT,), _HEAD_OFFICE,
        days=175,
        lending=Lending(
            prolonged=Prolonging(
                16, ("tl", "brm"), months=2,
                reason="矿山客户年底集中付款,到期日与回款日相差约两个月。",
                plan="按月付息,两个月后一次还本。",
            ),
        ),
    ),
    Plan(
        "于美玲", "XYJY", 100_000, 6, "16.8",
        "童装秋冬备货", (PERSON,), _BRANCH,
        days=95, method="EQUAL_INSTALLMENT", lending=Lending(),
    ),
)  # fmt: skip
