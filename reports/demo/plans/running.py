"""Applications under approval, by where they wait."""

from __future__ import annotations

from reports.demo.steps import (
    CARS,
    COMPANY,
    HOUSE,
    NONE,
    PERSON,
    PLANT,
    RECEIVABLES,
    Act,
    Plan,
    Step,
    again,
    back,
    claimed,
    concluded,
    convened,
    no,
    ok,
    ok_if,
)

_MORE_PAPERS = Step(
    Act.SUPPLEMENT, text="补充近六个月主要结算账户银行流水及两份下游购销合同。", hours=2.5
)

#: at the department head
_WITH_TL = (
    Plan(
        "济南顺驰物流有限公司", "CLZY", 450_000, 12, "14.4",
        "购置冷藏车两辆,承接生鲜配送线路", (CARS,),
        idle=1.6, fee="1",
    ),
    Plan(
        "刘洪波", "XYJY", 200_000, 12, "15.6",
        "秋冬童装备货", (PERSON, NONE),
        (Step(Act.URGE, hours=9.5),),
        idle=2.2, method="EQUAL_INSTALLMENT",
    ),
    Plan(
        "济南瑞丰粮油贸易有限公司", "LDZJ", 1_600_000, 6, "11.4",
        "小麦收购季集中付款", (HOUSE, PERSON),
        idle=4.7, fee="0.8",
    ),
    Plan(
        "崔玉梅", "FDJY", 280_000, 12, "10.8",
        "元旦前水果备货", (HOUSE,),
        idle=6.8,
    ),
)  # fmt: skip

#: at the branch risk manager
_WITH_BRM = (
    Plan(
        "济南恒岳物资配送有限公司", "LDZJ", 800_000, 9, "12",
        "采购装载机一台并支付仓库年租金", (HOUSE, COMPANY),
        (
            *ok("tl", hours=3.1),
            back("brm", "请补充主体企业的连带责任保证股东会决议,并说明与恒岳建材的资金往来。"),
            again(hours=6.5),
        ),
        idle=3.4, fee="1",
    ),
    Plan(
        "马秀英", "FDJY", 300_000, 24, "10.2",
        "新开早餐档口装修及设备", (HOUSE,),
        ok("tl"),
        idle=13.5, method="EQUAL_INSTALLMENT",
    ),
    Plan(
        "济南鑫海汽车服务有限公司", "FDJY", 550_000, 12, "10.8",
        "购置烤漆房及钣金设备", (HOUSE,),
        ok("tl"),
        idle=1.2, fee="0.5",
    ),
    Plan(
        "济南金穗种业有限公司", "LDZJ", 750_000, 8, "11.4",
        "春播种子繁育农户预付款", (PLANT,),
        (
            *ok("tl"),
            Step(
                Act.ASK, "brm", "请补充近六个月银行流水和繁育基地租赁合同。", hours=3.0,
            ),
            _MORE_PAPERS,
        ),
        idle=2.0,
    ),
)  # fmt: skip

#: at the branch general manager
_WITH_BGM = (
    Plan(
        "济南百盛五金机电有限公司", "LDZJ", 600_000, 12, "12",
        "年终集中采购电动工具", (HOUSE,),
        (
            *ok("tl"),
            *ok("brm"),
            Step(Act.TAKE_BACK, "brm", hours=0.6),
            *ok(
                "brm",
                text="更正:企业对外担保余额应为三十五万元,前次意见漏列;复核后风险仍可控,同意。",
                hours=1.1,
            ),
        ),
        idle=3.8, fee="1",
    ),
    Plan(
        "山东华信网络技术有限公司", "XYJY", 280_000, 12, "14.4",
        "项目人员工资及设备垫资", (NONE,),
        (*ok("tl", "brm"), Step(Act.COMMENT, "tl", "客户下周一需支付设备首批款,请领导抽空审批。")),
        idle=7.5, method="EQUAL_INSTALLMENT",
    ),
    Plan(
        "济南泉盛商贸有限公司", "LDZJ", 420_000, 6, "12.6",
        "春节酒水备货", (HOUSE, PERSON),
        ok("tl", "brm"),
        idle=2.6,
    ),
)  # fmt: skip

#: in the pool of head-office risk; the last one is claimed
_WITH_HRM = (
    Plan(
        "山东中泽环保科技有限公司", "YSZK", 2_200_000, 12, "10.8",
        "垫付乡镇污水处理站设备款", (RECEIVABLES, PERSON),
        (*ok("tl", "brm", "bgm"), Step(Act.URGE, hours=9.0)),
        idle=1.5, fee="0.5",
    ),
    Plan(
        "青岛海韵水产有限公司", "LDZJ", 2_800_000, 6, "10.8",
        "秋季鱿鱼原料收储", (PLANT, PERSON),
        ok("tl", "brm", "bgm"),
        idle=2.9,
    ),
    Plan(
        "烟台福山果品有限公司", "LDZJ", 3_000_000, 5, "10.8",
        "苹果入库收购款", (PLANT,),
        (
            *ok("tl", "brm", "bgm"),
            claimed("songyaqin"),
            back(
                "songyaqin", "请分公司总经理说明冷库抵押顺位,并补充仓单与保险单的核对情况。",
                target="branch_manager",
            ),
            *ok("bgm", text="已核对:冷库为第一顺位抵押,仓单与保险单一致,同意上报。", hours=4.0),
        ),
        idle=7.4, fee="0.6",
    ),
    Plan(
        "山东康和医疗器械有限公司", "YSZK", 1_800_000, 12, "11.4",
        "县级医院供货垫资,账期约六个月", (RECEIVABLES, PERSON),
        (
            *ok("tl", "brm", "bgm"),
            claimed("hrm", hours=1.5),
            Step(Act.ASK, "hrm", "请补充三家主要医院的应收账款确认函。", hours=2.0),
            Step(
                Act.SUPPLEMENT,
                text="三家医院应收账款确认函已盖章,合计金额三百一十万元。",
                hours=4.0,
            ),
            Step(
                Act.COMMENT, "hrm", "确认函已收到,请分公司风控核对与开票明细是否一致。",
                hours=1.2, others=("brm",),
            ),
        ),
        idle=3.0, fee="0.5",
    ),
)  # fmt: skip

_WITH_COMMITTEE = (
    Plan(
        "山东鲁岱机械制造有限公司", "LDZJ", 5_000_000, 12, "10.2",
        "采购生铁、铸造焦炭,执行年度订单", (PLANT, COMPANY),
        (
            *ok("tl", "brm", "bgm"),
            claimed("hrm"),
            Step(Act.COPY, "hrm", hours=0.5, others=("rcs", "plm")),
            *ok("hrm"),
            convened("rc1", "rc2", "rc3", "rc5"),
            *ok("rc1", "rc2"),
            ok_if("rc3", "追加实际控制人配偶连带责任保证", amount=4_500_000),
        ),
        idle=3.5, fee="0.5",
    ),
    Plan(
        "青岛嘉禾国际贸易有限公司", "LDZJ", 8_000_000, 6, "9.9",
        "天然橡胶进口开证保证金", (PLANT, PERSON),
        (
            *ok("tl", "brm", "bgm"),
            claimed("hezhiyuan"),
            Step(Act.COPY, "hezhiyuan", hours=0.4, others=("rcs",)),
            *ok("hezhiyuan"),
            convened("rc1", "rc2", "rc3", "rc4"),
        ),
        idle=4.4, fee="0.3",
    ),
)  # fmt: skip

_WITH_CEO = Plan(
    "青岛金港货运代理有限公司", "LDZJ", 12_000_000, 12, "9.6",
    "扩充自有集卡车队并支付船东运费", (PLANT, CARS),
    (
        *ok("tl", "brm", "bgm"),
        claimed("hrm"),
        *ok("hrm"),
        convened("rc1", "rc2", "rc3", "rc4"),
        *ok("rc1", "rc2", "rc3"),
        no("rc4", "运价处于下行周期,单户占用过高,建议压降至八百万元以内,本方案不同意。"),
        *ok("rcc"),
        concluded("到会五人,同意四票、不同意一票,通过;报总裁审批。"),
    ),
    idle=5.6, fee="0.3",
)  # fmt: skip

#: stopped for want of a general manager of the branch, and woken by the new one
_WOKEN = Plan(
    "烟台凯旋建筑装饰有限公司", "LDZJ", 650_000, 12, "12",
    "承接学校装修工程材料款", (HOUSE,),
    (
        *ok("tl"),
        Step(Act.VACATE, hours=2.0),
        *ok("brm", hours=1.5),
        Step(Act.SUCCEED, hours=2.0),
    ),
    idle=1.9,
)  # fmt: skip

RUNNING = (
    *_WITH_TL,
    *_WITH_BRM,
    *_WITH_BGM,
    *_WITH_HRM,
    *_WITH_COMMITTEE,
    _WITH_CEO,
    _WOKEN,
)
